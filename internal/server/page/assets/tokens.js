// The tokens that the server keeps, without themselves.

import { get } from './api.js';
import { h, show } from './dom.js';
import { isSet } from './format.js';
import { now } from './api.js';
import { badge, empty, failure, loading, when } from './parts.js';

// open shows it.
export function open(el) {
  const state = { items: null, problem: null };
  let stopped = false;
  const draw = () => { if (!stopped) show(el, view(state, read)); };
  const read = async () => {
    try {
      Object.assign(state, { items: (await get('/v1/tokens')).items, problem: null });
    } catch (problem) {
      if (problem.status === 401) return;
      state.problem = problem;
    }
    draw();
  };
  document.title = 'Tokens · HotSwap';
  draw();
  read();
  return { close: () => { stopped = true; } };
}

function view({ items, problem }, again) {
  return [
    h('div', { class: 'head' }, h('h1', null, 'Tokens'), h('p', { class: 'faint' }, 'Those that the server keeps. Their secrets are known to nobody but who bears them. Tokens of the configuration are not listed.')),
    problem ? failure(problem, again) : null,
    items ? (items.length ? table(items) : empty('The server keeps no token.')) : problem ? null : loading(4),
  ];
}

const cell = (word, ...children) => h('td', { role: 'cell', 'data-label': word }, children);

function table(items) {
  return h('div', { class: 'sheet' }, h('table', { class: 'rows', role: 'table' },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ['Name', 'Id', 'May', 'Made', 'By', 'Last used', 'Expires'].map((c) => h('th', { scope: 'col', role: 'columnheader' }, c)))),
    h('tbody', { role: 'rowgroup' }, items.map((t) => h('tr', { role: 'row', key: t.id },
      cell('Name', h('span', { class: 'strong wrap' }, t.name)), cell('Id', h('code', null, t.id)),
      cell('May', t.grants.map((g) => `${g.role} ${g.environments?.length ? `in ${g.environments.join(', ')}` : 'everywhere'}`).join('; ') || 'nothing'),
      cell('Made', when(t.made)), cell('By', t.madeBy || '–'), cell('Last used', isSet(t.used) ? when(t.used) : 'never'),
      cell('Expires', expires(t.expires)))))));
}

function expires(text) {
  if (!isSet(text)) return 'never';
  if (Date.parse(text) < now()) return badge({ word: 'expired', icon: 'cross', tone: 'bad' });
  return h('time', { datetime: text, title: text }, text.slice(0, 10));
}
