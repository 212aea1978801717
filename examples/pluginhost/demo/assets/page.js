// What the page is told, four times a second, and what people do on it.

import { by, count, percent, put } from './dom.js';
import { rollout } from './rollout.js';

const state = { names: [], tiles: [], lines: new Map(), refused: 0 };

// first is told once: what there is to choose from.
function first(m) {
  state.names = m.names;
  state.tiles = m.names.map((name) => put('span', { class: 'tile', title: name }));
  by('tenants').replaceChildren(...state.tiles);
  const options = (id, all, chosen) => by(id).replaceChildren(...all.map((x) => put('option', x === chosen ? { selected: '' } : {}, x)));
  options('version', m.offered, m.offered[1]);
  options('strategy', m.strategies);
  options('broken', m.offered, m.offered[1]);
  by('whom').replaceChildren(put('option', { value: '' }, 'everybody'), ...m.names.map((x) => put('option', { value: x }, x)));
  by('server').href = m.server;
  state.counts = m.counts;
}

function tenants(m) {
  const of = m.versions.map(() => 0);
  m.serves.forEach((v, i) => {
    const tile = state.tiles[i];
    if (v >= 0) of[v]++;
    const name = v < 0 ? 'tile' : `tile v${v % 7}`;
    if (!tile.classList.contains('flash') ? tile.className !== name : !tile.classList.contains(`v${v % 7}`)) tile.className = name;
    tile.title = `${state.names[i]}: ${v < 0 ? 'not answered yet' : m.versions[v]}`;
  });
  for (const i of new Set(m.fails)) flash(state.tiles[i]);
  by('legend').replaceChildren(...m.versions.map((v, i) => put('li', {}, put('span', { class: `swatch v${i % 7}` }), put('b', {}, v), ` ${of[i]}`)));
  by('tenants').setAttribute('aria-label', m.versions.map((v, i) => `${of[i]} tenants on ${v}`).join(', '));
}

function flash(tile) {
  tile.classList.remove('flash');
  void tile.offsetWidth; // so that it begins again
  tile.classList.add('flash');
  clearTimeout(tile.ends);
  tile.ends = setTimeout(() => tile.classList.remove('flash'), 700);
}

function traffic(m) {
  const figures = [['requests/s', count(m.load.rate)], ['failed now', percent(m.load.failed)], ['99 % within', `${Math.round(m.load.p99)} ms`],
    ['sent', count(m.sent)], ['failed', count(m.failed)], ['counted by', state.counts]];
  by('traffic').replaceChildren(...figures.map(([word, n]) => put('div', {}, put('dt', {}, word), put('dd', {}, n))));
}

function processes(m) {
  const all = [...m.processes, { name: 'router', up: true, host: true }, { name: 'instance', up: true, host: true }];
  const list = by('processes');
  all.forEach((p, i) => {
    let li = list.children[i];
    if (!li) {
      const button = put('button', { class: 'kill', type: 'button' }, 'kill -9');
      button.setAttribute('aria-label', `kill -9 ${p.host && p.name === 'instance' ? 'an instance' : `the ${p.name}`}`);
      button.addEventListener('click', () => ask({ do: 'kill', what: p.name }));
      li = put('li', {}, put('span', { class: 'pip' }), put('span', { class: 'who' }, put('b', {}, p.name === 'instance' ? 'an instance' : p.name), put('span', { class: 'faint' })), button);
      list.append(li);
    }
    li.className = p.up ? 'up' : '';
    li.querySelector('.faint').textContent = p.host ? 'kept by the manager' : p.up ? `pid ${p.pid}${p.deaths ? `, died ${p.deaths}×` : ''}` : 'down, starting again';
  });
}

function log(m) {
  const r = m.rollout;
  if (!r) return;
  if (state.logged !== r.id) {
    state.logged = r.id;
    by('log').replaceChildren();
    state.lines.clear();
  }
  for (const line of r.timeline ?? []) {
    if (state.lines.has(line.seq)) continue;
    state.lines.set(line.seq, true);
    const tone = /fail|rolling it back|rolled.back|stuck/i.test(line.text) ? 'bad' : /succeeded|says pass/i.test(line.text) ? 'good' : '';
    by('log').prepend(put('li', { class: tone }, put('time', {}, `${Math.round((Date.parse(line.at) - Date.parse(r.startedAt)) / 1000)} s`), put('span', {}, line.text)));
  }
}

function faults(m) {
  by('faults').textContent = m.faults.length ? `Broken by you: ${m.faults.map((f) => `${f.version}${f.tenant ? ` for ${f.tenant}` : ''}${f.errorRate ? `, ${percent(f.errorRate)} errors` : ''}${f.latencyMs ? `, ${f.latencyMs} ms slower` : ''}`).join('; ')}.` : 'Every version behaves as it was built.';
}

// ask asks for something, and says why it was refused.
async function ask(what) {
  const answer = await fetch('do', { method: 'POST', body: JSON.stringify(what) }).catch((e) => ({ ok: false, text: async () => String(e) }));
  by('refused').textContent = answer.ok ? '' : await answer.text();
}

by('roll').addEventListener('submit', (e) => {
  e.preventDefault();
  ask({ do: 'roll', version: by('version').value, strategy: by('strategy').value });
});
by('version').addEventListener('change', () => { by('broken').value = by('version').value; });
for (const id of ['errors', 'latency', 'broken', 'whom']) {
  by(id).addEventListener(id === 'errors' || id === 'latency' ? 'input' : 'change', () => {
    by('errors-said').textContent = by('errors').value === '0' ? 'as it is' : `${by('errors').value} %`;
    by('latency-said').textContent = `${by('latency').value} ms`;
  });
}
for (const id of ['errors', 'latency']) {
  by(id).addEventListener('change', () => ask({ do: 'fault', fault: { version: by('broken').value, tenant: by('whom').value, errorRate: by('errors').value / 100, latencyMs: Number(by('latency').value) } }));
}
by('fault').addEventListener('submit', (e) => e.preventDefault());

new EventSource('live').onmessage = (e) => {
  const m = JSON.parse(e.data);
  if (m.names) first(m);
  tenants(m);
  traffic(m);
  rollout(m.rollout);
  processes(m);
  faults(m);
  log(m);
};
