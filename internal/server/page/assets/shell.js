// What is around every view: where one can go, who one is, and whether what is seen is live.

import { h, show } from './dom.js';
import { icon } from './icons.js';
import { whenState } from './live.js';
import { address } from './route.js';
import * as session from './session.js';

const header = document.getElementById('header');
const themes = [['auto', 'System theme'], ['light', 'Light theme'], ['dark', 'Dark theme']];
const pictures = { auto: 'auto', light: 'sun', dark: 'moon' };
let last = [null, () => {}];
let state = 'off';

whenState((to) => {
  if (to === state) return;
  state = to;
  draw(...last);
});

const places = () => [
  ['rollouts', 'Rollouts', ['rollouts', 'rollout']], ['fleets', 'Fleets', ['fleets']],
  ...(session.may('admin') ? [['tokens', 'Tokens', ['tokens']], ['audit', 'Audit log', ['audit']]] : []),
];

// draw draws it; without a route, for nobody.
export function draw(route, leave) {
  last = [route, leave];
  show(header,
    h('a', { class: 'brand', href: '#/rollouts' }, h('span', { class: 'mark' }, icon('swap')), 'HotSwap'),
    route && session.me ? h('nav', { 'aria-label': 'Main' }, places().map(([path, word, names]) =>
      h('a', { href: address(path), 'aria-current': names.includes(route.name) ? 'page' : null }, word))) : null,
    h('div', { class: 'top-end' },
      route && state !== 'off' ? h('span', { class: `live ${state}`, role: 'status' }, h('span', { class: 'pip', 'aria-hidden': 'true' }), state === 'live' ? 'live' : 'reconnecting') : null,
      theme(),
      route && session.me ? account(leave) : null));
}

function chosen() {
  return document.documentElement.dataset.theme ?? 'auto';
}

// theme goes on to the next one.
function theme() {
  const at = themes.findIndex(([name]) => name === chosen());
  const [next] = themes[(at + 1) % themes.length];
  return h('button', { type: 'button', class: 'quiet', title: `${themes[at][1]}. Change it`, 'aria-label': `${themes[at][1]}. Change it`, on: { click: () => {
    if (next === 'auto') {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem('hotswap-theme');
    } else {
      document.documentElement.dataset.theme = next;
      localStorage.setItem('hotswap-theme', next);
    }
    draw(...last);
  } } }, icon(pictures[chosen()]));
}

// account says who one is, and which roles one has.
function account(leave) {
  return h('details', { class: 'account', on: {
    keydown: (e) => { if (e.key === 'Escape') { e.currentTarget.open = false; e.currentTarget.firstChild.focus(); } },
    focusout: (e) => { if (!e.currentTarget.contains(e.relatedTarget)) e.currentTarget.open = false; },
  } },
  h('summary', { 'aria-label': `Account: ${session.me.name}` }, h('span', { class: 'clip' }, session.me.name)),
  h('div', { class: 'account-menu' },
    h('p', { class: 'faint' }, session.me.anonymous ? 'Nobody is logged in' : 'Logged in as'), h('p', { class: 'strong wrap' }, session.me.name),
    h('ul', { class: 'plain' }, session.roles().map((r) => h('li', null, r))),
    h('button', { type: 'button', class: 'button', on: { click: leave } }, session.me.anonymous ? 'Log in' : 'Log out')));
}
