// Many small tiles, one for each of something, coloured by its version.

import { h, show } from './dom.js';
import { count } from './format.js';

const small = 240;
const tiny = 600;

// kindOf is which of the versions of a rollout one is.
export function kindOf(d, version) {
  if (version === d.candidate) return 'candidate';
  return version === d.baseline ? 'baseline' : 'other';
}

// legend counts tiles by version.
export function legend(d, tiles) {
  const n = { candidate: 0, baseline: 0, other: 0 };
  for (const t of tiles) n[t.kind]++;
  const rows = [['candidate', d.candidate], ['baseline', d.baseline || 'no version'], ['other', 'other versions']].filter(([kind]) => n[kind] || kind !== 'other');
  return h('ul', { class: 'plain legend' }, rows.map(([kind, word]) => h('li', null, h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }), h('span', { class: 'wrap' }, word), h('strong', null, count(n[kind])))));
}

// grid draws tiles, each with id, kind, and text. One of them is a stop of the tab key; the
// arrows go on from there.
export function grid(label, tiles, hint = 'Point at a tile to see which one it is.') {
  const size = tiles.length > tiny ? 'tiny' : tiles.length > small ? 'small' : '';
  const list = h('div', { class: `grid ${size}`, role: 'group', 'aria-label': label, on: { keydown: arrows, mouseover: point, focusin: point } },
    tiles.map((t, i) => h('button', {
      type: 'button', class: `tile ${t.kind} ${t.ailing ? 'ailing' : ''}`, tabindex: i === 0 ? '0' : '-1', key: t.id, 'aria-label': t.text,
    }, t.ailing ? '!' : null)));
  return h('div', { class: 'grid-box' }, list, h('p', { class: 'tile-hint', 'aria-hidden': 'true', keep: 'hint' }, hint));
}

function point(e) {
  if (!e.target.classList.contains('tile')) return;
  show(e.currentTarget.nextSibling, e.target.getAttribute('aria-label'));
}

function arrows(e) {
  const all = [...e.currentTarget.children];
  const at = all.indexOf(e.target);
  if (at < 0) return;
  const across = Math.max(1, all.findIndex((t) => t.offsetTop > all[0].offsetTop));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: all.length - 1 }[e.key];
  if (to === undefined) return;
  e.preventDefault();
  const next = all[Math.min(all.length - 1, Math.max(0, to))];
  for (const t of [e.target, next]) t.tabIndex = t === next ? 0 : -1;
  next.focus();
}
