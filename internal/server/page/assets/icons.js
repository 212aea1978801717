// Icons: strokes on a grid of 16. They are never all that says something.

import { h } from './dom.js';

const paths = {
  play: 'M5 3.5v9l7.5-4.500z',
  pause: 'M5.500 3.500v9M10.500 3.500v9',
  hand: 'M4.500 8.500V5a1 1 0 0 1 2 0v2.500V3.500a1 1 0 0 1 2 0V7.500V4.500a1 1 0 0 1 2 0v3.500V6a1 1 0 0 1 2 0v4a4 4 0 0 1-4 4h-.5a4 4 0 0 1-3.300-1.800L2.700 9.200a1 1 0 0 1 1.600-1.100z',
  back: 'M6.500 3.500L3 7l3.500 3.500M3 7h6.500a3.500 3.500 0 0 1 0 7H7',
  forward: 'M3 4l4 4-4 4M8.500 4l4 4-4 4',
  check: 'M3 8.500l3.500 3.500L13 4.500',
  cross: 'M4 4l8 8M12 4l-8 8',
  question: 'M5.500 6a2.500 2.500 0 1 1 3.600 2.200c-.7.400-1.100.8-1.100 1.600M8 12.500v.1',
  alert: 'M8 2.500L14.500 13.500h-13zM8 6.500v3.500M8 11.800v.1',
  flag: 'M4 14V2.500M4 3h8l-1.800 2.800L12 8.500H4',
  scale: 'M8 2.500v11M4.500 13.500h7M3 4.500h10M3 4.500L1.500 9h3zM13 4.500L11.500 9h3z',
  dot: 'M8 7a1 1 0 1 0 0 2a1 1 0 1 0 0-2',
  arrow: 'M2.500 8h11M9.500 4l4 4-4 4',
  sun: 'M8 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6M8 1.500v1M8 13.500v1M1.500 8h1M13.500 8h1M3.400 3.400l.7.7M11.900 11.900l.7.7M3.400 12.600l.7-.7M11.900 4.100l.7-.7',
  moon: 'M13.500 9.500A6 6 0 1 1 6.500 2.500a5 5 0 0 0 7 7z',
  auto: 'M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M8 2v12M8 5h4.500M8 8h6M8 11h4.500',
  eye: 'M1.500 8S4 3.500 8 3.500S14.500 8 14.500 8S12 12.500 8 12.500S1.500 8 1.500 8zM8 6.200a1.800 1.800 0 1 0 0 3.600a1.800 1.800 0 1 0 0-3.600',
  swap: 'M3 6h9M9.500 3.500L12 6L9.500 8.500M13 10H4M6.500 7.500L4 10l2.500 2.500',
};

// icon is one of them.
export function icon(name, more = '') {
  return h('svg', { class: `icon ${more}`.trim(), viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' }, h('path', { d: paths[name] ?? paths.dot }));
}
