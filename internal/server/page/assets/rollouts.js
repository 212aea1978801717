// All rollouts, as a table.

import { get } from './api.js';
import { h, show } from './dom.js';
import { icon } from './icons.js';
import { listen } from './live.js';
import { empty, failure, loading, phaseBadge, versions, when } from './parts.js';
import { address, toRollout } from './route.js';
import { phases, strategies } from './words.js';

const perPage = 50;

// open shows it.
export function open(el, route) {
  const state = { asked: route.asked, page: null, environments: [], problem: null };
  let typing = 0;
  const draw = () => show(el, view(state, change, read));
  let wanted = {}; // what was changed and is not asked for yet
  const change = (more) => {
    wanted = { ...wanted, ...more };
    clearTimeout(typing);
    typing = setTimeout(() => {
      const asked = { ...state.asked, cursor: '', ...wanted };
      wanted = {};
      history.replaceState(null, '', address('rollouts', asked));
      update({ asked });
    }, 'q' in more ? 250 : 0);
  };
  const read = async () => {
    const asked = state.asked;
    try {
      const page = await get(`/v1/rollouts?${queryOf(asked)}`);
      if (asked !== state.asked) return;
      Object.assign(state, { page, problem: null });
    } catch (problem) {
      if (problem.status === 401) return;
      state.problem = problem;
    }
    if (!stopped) draw();
  };
  const update = (to) => {
    state.asked = to.asked;
    read();
  };
  const come = (to) => { // by an address: what is typed gives way to it
    const field = el.querySelector('input[type=search]');
    if (field) field.value = to.asked.q ?? '';
    draw();
    update(to);
  };
  let stopped = false;
  document.title = 'Rollouts · HotSwap';
  draw();
  read();
  get('/v1/environments').then((told) => {
    state.environments = told.items;
    if (!stopped) draw();
  }, () => {}); // without them, there is one filter less
  const end = listen('/v1/rollouts/changes', read, 15000);
  return { update: come, close: () => {
    stopped = true;
    clearTimeout(typing);
    end();
  } };
}

function queryOf({ environment, phase, q, unfinished, cursor }) {
  const query = new URLSearchParams({ limit: perPage });
  if (environment) query.append('environment', environment);
  if (phase) query.append('phase', phase);
  if (q) query.append('q', q);
  if (unfinished) query.append('unfinished', 'true');
  if (cursor) query.append('cursor', cursor);
  return query;
}

function view(state, change, again) {
  const { asked, page, problem } = state;
  return [
    h('div', { class: 'head' }, h('h1', null, 'Rollouts')),
    filters(state, change),
    problem ? failure(problem, again) : null,
    page ? table(page, asked) : problem ? null : loading(8),
    page && (page.next || asked.cursor) ? h('nav', { class: 'pages', 'aria-label': 'Pages' },
      asked.cursor ? h('a', { class: 'button', href: address('rollouts', { ...asked, cursor: '' }) }, 'Newest') : null,
      page.next ? h('a', { class: 'button', href: address('rollouts', { ...asked, cursor: page.next }) }, 'Older') : null) : null,
  ];
}

// filters narrow the list. They stand in the address.
function filters({ asked, environments }, change) {
  const names = environments.map((e) => e.name);
  if (asked.environment && !names.includes(asked.environment)) names.push(asked.environment);
  return h('form', { class: 'filters', role: 'search', 'aria-label': 'Rollouts', on: { submit: (e) => e.preventDefault() } },
    h('label', { class: 'field grow' }, h('span', null, 'Search'), h('input', {
      type: 'search', placeholder: 'Plugin, version or id', autocomplete: 'off', value: asked.q ?? '', on: { input: (e) => change({ q: e.target.value.trim() }) },
    })),
    choice('Environment', asked.environment, [['', 'All'], ...names.map((n) => [n, n])], (environment) => change({ environment })),
    choice('Phase', asked.phase, [['', 'All'], ...Object.entries(phases).map(([name, p]) => [name, p.word])], (phase) => change({ phase })),
    h('label', { class: 'tick' }, h('input', { type: 'checkbox', live: { checked: Boolean(asked.unfinished) }, on: { change: (e) => change({ unfinished: e.target.checked ? 'true' : '' }) } }), h('span', null, 'Unfinished only')));
}

function choice(word, value, options, change) {
  return h('label', { class: 'field' }, h('span', null, word), h('select', { on: { change: (e) => change(e.target.value) } },
    options.map(([name, text]) => h('option', { value: name, live: { selected: (value ?? '') === name } }, text))));
}

const columns = ['Phase', 'Plugin', 'Environment', 'Versions', 'Strategy', 'Stage', 'Started', 'By'];

function table(page, asked) {
  if (!page.items.length) {
    const narrowed = asked.environment || asked.phase || asked.q || asked.unfinished;
    return narrowed ? empty('No rollout is like that.', h('a', { href: '#/rollouts' }, 'Show all rollouts')) :
      empty('There are no rollouts yet.', 'One that Terraform, a pipeline or the command line starts shows up here by itself.');
  }
  return h('div', { class: 'sheet' }, h('table', { class: 'rows', role: 'table' },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, columns.map((c) => h('th', { scope: 'col', role: 'columnheader' }, c)))),
    h('tbody', { role: 'rowgroup' }, page.items.map(row))));
}

const cell = (word, more, ...children) => h('td', { role: 'cell', 'data-label': word, class: more }, children);

function row(r) {
  return h('tr', { role: 'row', key: r.id },
    cell('Phase', 'lead', phaseBadge(r.phase), unwalked(r) ? h('span', { class: 'badge bad' }, icon('alert'), h('span', null, 'Unattended')) : null),
    cell('Plugin', 'name', h('a', { class: 'cover', href: toRollout(r.id), title: r.id }, r.plugin)),
    cell('Environment', '', h('span', { class: 'clip', title: r.environment }, r.environment)),
    cell('Versions', '', versions(r)),
    cell('Strategy', '', strategies[r.strategy] ?? r.strategy),
    cell('Stage', 'how-far', stage(r)),
    cell('Started', 'figure', when(r.startedAt)),
    cell('By', '', h('span', { class: 'clip', title: r.startedBy }, r.startedBy || '–')));
}

// unwalked says whether a rollout goes on and nobody sees to it.
export const unwalked = (r) => !r.outcome && r.conditions.some((c) => c.type === 'Walked' && c.status !== 'True');

// stage is how far a rollout is.
function stage(r) {
  const { number, of, name } = r.stage;
  const done = r.outcome === 'succeeded' ? 1 : of ? Math.max(0, number - (r.outcome ? 0 : 0.5)) / of : 0;
  const tone = { succeeded: 'good', rolled_back: 'mute', retained: 'mute', rolling_back: 'bad', stuck: 'bad', held: 'warn', paused: 'warn' }[r.phase] ?? 'info';
  const bar = h('span', { class: `meter ${tone}`, vars: { '--done': done }, 'aria-hidden': 'true' });
  if (r.outcome && r.outcome !== 'stuck') return [bar, h('span', { class: 'faint' }, r.outcome === 'succeeded' ? `all ${of}` : 'taken back')];
  return [bar, h('span', { class: 'figure faint' }, `${number}/${of}`), h('span', { class: 'clip short', title: name }, name)];
}
