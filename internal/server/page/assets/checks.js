// The checks of the gate: what was observed, against what is allowed.

import { h } from './dom.js';
import { count, many, measured, odds, span } from './format.js';
import { badge, card } from './parts.js';
import { metricOf, results } from './words.js';

// Beyond this, no number of requests makes a check pass.
const never = 1e15;

// verdictOf is the one to show: what the gate would say now, or what it said.
export function verdictOf(d) {
  const now = d.now?.verdict;
  if (now && !['rolling_back'].includes(d.phase)) return { verdict: now, live: true };
  return { verdict: d.verdict, live: false };
}

// checks draws them.
export function checks(d) {
  const { verdict, live } = verdictOf(d);
  const stage = d.stages[d.stage.number - 1];
  const pending = live && d.strategy === 'ABTesting' && !verdict.comparison; // who wins is reckoned at the end
  const tiles = [...(verdict?.findings ?? [])];
  if (!d.outcome && d.phase !== 'rolling_back') {
    for (const c of stage?.checks ?? []) {
      if (!tiles.some((f) => f.metric === c.metric)) tiles.push({ metric: c.metric, allowed: c.bound, result: 'unmeasured', detail: 'Nothing is measured yet.' });
    }
  }
  if (!verdict && !tiles.length) return null;
  const title = live ? 'Checks' : verdict ? 'Last verdict' : 'Checks';
  return card(title, { class: 'checks', aside: h('p', { class: 'faint' }, live ? (pending ? 'as they are now' : 'as the gate would judge now') : verdict?.guard ? 'of a guard' : '') },
    pending ? h('p', null, 'Who wins is judged when the test ends. Until then these bounds hold.') :
      verdict ? h('div', { class: 'verdict' }, badge(results[verdict.result] ?? results.unmeasured), h('p', { class: 'wrap' }, verdict.reason)) : null,
    verdict ? evidence(verdict, stage) : null,
    tiles.length ? h('ul', { class: 'plain tiles-of-checks' }, tiles.map((f) => check(f, verdict))) : null);
}

// evidence is how much the verdict rests on.
function evidence(v, stage) {
  const some = [[`${count(v.requests)}`, 'requests', stage?.minRequests], [`${count(v.tenants)}`, 'tenants', stage?.minTenants]];
  return h('dl', { class: 'figures' },
    some.filter(([n,, least]) => n !== '0' || least).map(([n, word, least]) => h('div', null, h('dt', null, word), h('dd', null, n, least ? h('span', { class: 'faint' }, ` of at least ${count(least)}`) : null))),
    v.window ? h('div', null, h('dt', null, 'window'), h('dd', null, span(v.window / 1e6))) : null,
    v.worst?.tenant ? h('div', null, h('dt', null, 'worst tenant'), h('dd', { class: 'wrap' }, v.worst.tenant, h('span', { class: 'faint' }, ` ${many(v.worst.errors, 'error')} in ${count(v.worst.requests)}`))) : null);
}

function check(f, verdict) {
  const metric = metricOf(f.metric);
  const known = f.result !== 'none' && f.result !== 'unmeasured';
  const drawn = gauged(f, verdict);
  return h('li', { class: `check ${(results[f.result] ?? results.unmeasured).tone}`, key: f.metric },
    h('div', { class: 'check-head' }, h('h3', null, metric.name), badge(results[f.result] ?? results.unmeasured)),
    drawn ? h('p', { class: 'check-value' }, h('span', { class: 'observed' }, f.infinite ? '∞' : known ? measured(f.metric, f.observed) : '–'),
      h('span', { class: 'faint' }, `${metric.sense} ${measured(f.metric, f.allowed)}`)) : null,
    drawn ? gauge(f, known) : null,
    h('p', { class: 'check-detail wrap' }, f.detail),
    weight(f),
    needs(f, verdict));
}

// weight is how much speaks for a failure, on its way to what proves it.
function weight(f) {
  if (!f.boundary) return null;
  const said = `Evidence of a failure: ${odds(f.evidence)}; ${odds(f.boundary)} proves it`;
  return h('p', { class: 'check-evidence' },
    h('span', { class: `meter tall ${f.evidence >= f.boundary ? 'bad' : 'warn'}`, role: 'img', 'aria-label': said, vars: { '--done': Math.min(1, f.evidence / f.boundary) } }),
    h('span', { class: 'faint' }, said));
}

// gauged says whether observed and allowed are of one kind: a guard on latency counts requests
// that are slower than so many ms.
const gauged = (f, verdict) => Boolean(metricOf(f.metric).sense) && !(verdict?.guard && f.metric === 'latencyP99Ms' && f.result === 'fail');

function needs(f, verdict) {
  if (!f.needs) return null;
  const more = f.needs - (verdict?.requests ?? 0);
  return h('p', { class: 'check-needs' }, f.needs > never ? 'At this rate it does not pass, however many requests come.' :
    more > 0 ? `Needs about ${many(more, 'more request', 'more requests')}.` : `Needs about ${many(f.needs, 'request')}.`);
}

// gauge is a scale with what is allowed, its bound, and what was observed.
function gauge(f, known) {
  const least = metricOf(f.metric).sense === 'at least';
  const seen = known && !f.infinite ? f.observed : f.allowed;
  const low = least ? Math.max(0, 1 - 2 * (1 - Math.min(f.allowed, seen)) - 0.001) : 0;
  const high = least ? 1 : Math.max(f.allowed * 1.5, seen * 1.15, 1e-9);
  const place = (n) => Math.min(1, Math.max(0, (n - low) / (high - low || 1)));
  return h('div', {
    class: `gauge ${least ? 'least' : 'most'}`, role: 'img', vars: { '--bound': place(f.allowed), '--seen': f.infinite ? 1 : place(seen) },
    'aria-label': `${metricOf(f.metric).name}: ${known ? `observed ${f.infinite ? 'beyond measure' : measured(f.metric, f.observed)}` : 'nothing observed'}, ${metricOf(f.metric).sense} ${measured(f.metric, f.allowed)} allowed`,
  },
  h('span', { class: 'gauge-rail' }), h('span', { class: 'gauge-allowed' }), known ? h('span', { class: 'gauge-seen' }) : null, h('span', { class: 'gauge-bound' }),
  h('span', { class: 'gauge-low' }, least ? measured(f.metric, low) : '0'), h('span', { class: 'gauge-high' }, least ? '100 %' : measured(f.metric, high)));
}
