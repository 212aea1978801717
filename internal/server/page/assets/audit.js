// Who did what.

import { get } from './api.js';
import { h, show } from './dom.js';
import { at } from './format.js';
import { badge, empty, failure, loading } from './parts.js';
import { address, toRollout } from './route.js';

const perPage = 100;

// open shows it.
export function open(el, route) {
  const state = { asked: route.asked, page: null, problem: null };
  let stopped = false;
  const draw = () => { if (!stopped) show(el, view(state, read)); };
  const read = async () => {
    const asked = state.asked;
    try {
      const page = await get(`/v1/audit?limit=${perPage}${asked.below ? `&below=${encodeURIComponent(asked.below)}` : ''}`);
      if (asked === state.asked) Object.assign(state, { page, problem: null });
    } catch (problem) {
      if (problem.status === 401) return;
      state.problem = problem;
    }
    draw();
  };
  document.title = 'Audit log · HotSwap';
  draw();
  read();
  return { update: (to) => {
    state.asked = to.asked;
    read();
  }, close: () => { stopped = true; } };
}

function view({ asked, page, problem }, again) {
  return [
    h('div', { class: 'head' }, h('h1', null, 'Audit log'), h('p', { class: 'faint' }, 'Who changed something, or was refused to.'), h('button', { type: 'button', class: 'button', on: { click: again } }, 'Refresh')),
    problem ? failure(problem, again) : null,
    page ? (page.items.length ? table(page.items) : empty('Nobody has done anything yet.')) : problem ? null : loading(8),
    page && (page.next || asked.below) ? h('nav', { class: 'pages', 'aria-label': 'Pages' },
      asked.below ? h('a', { class: 'button', href: address('audit') }, 'Newest') : null,
      page.next ? h('a', { class: 'button', href: address('audit', { below: page.next }) }, 'Older') : null) : null,
  ];
}

const cell = (word, more, ...children) => h('td', { role: 'cell', 'data-label': word, class: more }, children);

function table(items) {
  return h('div', { class: 'sheet' }, h('table', { class: 'rows roomy', role: 'table' },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ['When', 'Who', 'Did', 'Where', 'Rollout', 'Reason'].map((c) => h('th', { scope: 'col', role: 'columnheader' }, c)))),
    h('tbody', { role: 'rowgroup' }, items.map((l) => h('tr', { role: 'row', key: l.id },
      cell('When', 'figure', h('time', { datetime: l.at }, at(l.at))),
      cell('Who', '', h('span', { class: 'clip', title: l.actor }, l.actor)),
      cell('Did', '', h('span', { class: 'strong' }, l.action), l.refused ? badge({ word: 'refused', icon: 'cross', tone: 'bad' }) : null),
      cell('Where', '', [l.environment, l.plugin].filter(Boolean).join(' · ') || '–'),
      cell('Rollout', '', l.rollout ? h('a', { href: toRollout(l.rollout), class: 'clip broad', title: l.rollout }, l.rollout) : '–'),
      cell('Reason', 'prose', l.reason || (l.refused ? '' : '–'), l.refused ? h('span', { class: 'refused' }, l.refused) : null))))));
}
