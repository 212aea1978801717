// The table of an A/B test.

import { h } from './dom.js';
import { figure, measured } from './format.js';
import { badge, card } from './parts.js';
import { verdictOf } from './checks.js';
import { metricOf } from './words.js';

const words = { better: { icon: 'check', tone: 'good' }, worse: { icon: 'cross', tone: 'bad' }, same: { icon: 'dot', tone: 'mute' } };

// plain is what the figures of A and B alone make of B's advantage.
const plain = (r) => ((metricOf(r.metric).sense === 'at most' ? r.a - r.b : r.b - r.a) / Math.abs(r.a));

// adjusted says whether B's advantage is another than that: it allows for who has which variant.
const adjusted = (r) => r.p > 0 && r.a > 0 && r.metric !== 'latencyP99Ms' && Math.abs(r.advantage - Math.max(-1, Math.min(1, plain(r)))) >= 0.005;

// comparison draws it, of the verdict that there is or the one that it ended with; nothing of a
// rollout that is no test, or has none yet.
export function comparison(d, ended) {
  const { verdict: last, live } = verdictOf(d);
  const verdict = last?.comparison ? last : ended;
  const rows = verdict?.comparison ?? [];
  if (!rows.length) return null;
  const chance = rows.some((r) => r.p !== undefined);
  const columns = ['Metric', `A ${d.baseline}`, `B ${d.candidate}`, 'Advantage of B', 'B is', ...(chance ? ['P', 'Significant'] : [])];
  return card('A/B test', { aside: h('p', { class: 'faint' }, verdict.winner ? `${verdict.winner} wins` : live ? 'so far' : 'no winner') },
    h('div', { class: 'sheet flat' }, h('table', { class: 'rows comparison', role: 'table' },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, columns.map((c) => h('th', { scope: 'col', role: 'columnheader' }, c)))),
      h('tbody', { role: 'rowgroup' }, rows.map((r) => row(r, chance))))),
    rows.some(adjusted) ? h('p', { class: 'faint' }, 'The advantage allows for how each variant\u2019s tenants did before the test, so that it is not what A and B make of it alone.') : null);
}

const cell = (word, more, ...children) => h('td', { role: 'cell', 'data-label': word, class: more }, children);

function row(r, chance) {
  const sign = r.advantage > 0 ? '+' : '';
  const known = r.word !== 'no data' && r.word !== 'unknown';
  return h('tr', { role: 'row', key: r.metric },
    h('th', { scope: 'row', role: 'rowheader', 'data-label': 'Metric' }, metricOf(r.metric).name, h('span', { class: 'faint' }, r.decides ? ' decides' : ' guardrail')),
    cell('A', 'figure', measured(r.metric, r.a)), cell('B', 'figure', measured(r.metric, r.b)),
    cell('Advantage of B', 'figure', known ? `${sign}${figure(r.advantage * 100)} %` : '–'),
    cell('B is', '', badge({ word: r.word, icon: 'question', tone: 'warn', ...words[r.word] })),
    chance ? [cell('P', 'figure', r.p === undefined ? '–' : r.p < 0.001 ? '< 0.001' : figure(r.p)), cell('Significant', '', r.significant ? 'yes' : 'no')] : null);
}
