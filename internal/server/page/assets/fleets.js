// The fleets: which versions run where.

import { get } from './api.js';
import { h, show } from './dom.js';
import { count, figure, many } from './format.js';
import { badge, empty, failure, loading } from './parts.js';
import { address } from './route.js';

const readEvery = 10000;
const mostPages = 5;

// open shows it.
export function open(el) {
  const state = { environments: null, problem: null, fleets: new Map() };
  let timer = 0;
  let stopped = false;
  const draw = () => { if (!stopped) show(el, view(state, read)); };
  const read = async () => {
    clearTimeout(timer);
    try {
      state.environments = (await get('/v1/environments')).items;
      state.problem = null;
    } catch (problem) {
      if (problem.status === 401) return;
      state.problem = problem;
    }
    draw();
    await Promise.all((state.environments ?? []).flatMap((e) => e.plugins.map((p) => fleet(state, e.name, p).then(draw))));
    if (!stopped) timer = setTimeout(read, readEvery);
  };
  document.title = 'Fleets · HotSwap';
  draw();
  read();
  return { close: () => {
    stopped = true;
    clearTimeout(timer);
  } };
}

const pathOf = (environment, plugin) => `/v1/environments/${encodeURIComponent(environment)}/plugins/${encodeURIComponent(plugin)}`;
const keyOf = (environment, plugin) => `${environment}\n${plugin}`;

async function fleet(state, environment, plugin) {
  const key = keyOf(environment, plugin);
  const before = state.fleets.get(key) ?? {};
  try {
    const head = await get(pathOf(environment, plugin));
    state.fleets.set(key, { ...before, head, problem: null });
    if (before.tenants === undefined && head.capabilities.can.includes('tenants')) {
      const tenants = await counted(`${pathOf(environment, plugin)}/tenants`);
      state.fleets.set(key, { ...state.fleets.get(key), tenants });
    }
  } catch (problem) {
    state.fleets.set(key, { ...before, problem });
  }
}

// counted counts what is listed, as far as a few pages go.
async function counted(path) {
  let n = 0;
  let cursor = '';
  for (let page = 0; page < mostPages; page++) {
    const told = await get(`${path}?limit=1000${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    n += told.items.length;
    cursor = told.next;
    if (!cursor) return count(n);
  }
  return `over ${count(n)}`;
}

function view(state, again) {
  const { environments, problem } = state;
  return [
    h('div', { class: 'head' }, h('h1', null, 'Fleets')),
    problem ? failure(problem, again) : null,
    !environments ? (problem ? null : loading(5)) : environments.length ? h('div', { class: 'fleets' }, environments.map((e) => environment(state, e))) :
      empty('You may look at no environment.', 'Whoever administers this server can give you a role in one.'),
  ];
}

function environment(state, e) {
  return h('section', { class: 'card', key: e.name },
    h('div', { class: 'card-head' }, h('h2', null, e.name),
      h('p', { class: 'faint' }, [e.kind && e.kind !== e.name ? `like ${e.kind}` : '', e.fleet, `your role: ${e.roles.at(-1)}`].filter(Boolean).join(' · '))),
    e.plugins.length ? h('div', { class: 'fleet-list' }, e.plugins.map((p) => plugin(state.fleets.get(keyOf(e.name, p)) ?? {}, e.name, p))) :
      empty('No plugin is known here yet.', 'Plugins show up with their first rollout, or where the configuration names them.'));
}

function plugin({ head, tenants, problem }, environment, name) {
  return h('article', { class: 'fleet', key: name },
    h('div', { class: 'fleet-head' }, h('h3', { class: 'wrap' }, name),
      h('a', { href: address('rollouts', { environment, q: name }), 'aria-label': `Rollouts of ${name} in ${environment}` }, 'Rollouts')),
    problem ? h('p', { class: 'fleet-problem' }, problem.message) : null,
    head ? figures(head, tenants) : problem ? null : loading(2));
}

function figures(head, tenants) {
  const all = head.versions ?? [];
  const total = all.reduce((n, v) => n + v.instances, 0);
  return [
    h('dl', { class: 'figures' },
      cellOf('Instances', count(total)), cellOf('Tenants', tenants ?? '–'),
      cellOf('Requests', head.requestsPerSecond ? `${figure(head.requestsPerSecond)}/s` : '–'), cellOf('Spare', head.spare ? count(head.spare) : '–')),
    all.length ? h('ul', { class: 'plain version-list' }, all.map((v) => version(v, head, total))) : h('p', { class: 'faint' }, 'No instance runs.'),
  ];
}

const cellOf = (term, what) => h('div', null, h('dt', null, term), h('dd', null, what));

function version(v, head, total) {
  const alone = head.versions.filter((o) => o.slot === v.slot).length === 1; // what shares a slot shares its traffic
  const route = alone ? (head.routes ?? []).find((r) => r.slot === v.slot) : undefined;
  return h('li', null,
    h('span', { class: 'version' }, v.version || 'no version'),
    v.slot ? h('span', { class: 'faint' }, v.slot) : null,
    h('span', { class: 'meter info', vars: { '--done': total ? v.instances / total : 0 }, 'aria-hidden': 'true' }),
    h('span', { class: 'figure' }, many(v.instances, 'instance')),
    v.ready < v.instances ? badge({ word: `${count(v.instances - v.ready)} not ready`, icon: 'alert', tone: 'warn' }) : h('span', { class: 'faint' }, 'all ready'),
    route ? h('span', { class: 'faint figure' }, `${figure(route.percent)} % of traffic`) : null);
}
