// One rollout, live.

import { get } from './api.js';
import { actions } from './actions.js';
import { checks } from './checks.js';
import { comparison } from './comparison.js';
import { h, say, show } from './dom.js';
import { at } from './format.js';
import { icon } from './icons.js';
import { instances } from './instances.js';
import { listen } from './live.js';
import { card, empty, failure, loading, notice, phaseBadge, versions, when } from './parts.js';
import { exposure } from './exposure.js';
import { unwalked } from './rollouts.js';
import { step } from './step.js';
import { byTenant, tenants } from './tenants.js';
import { timeline } from './timeline.js';
import { track } from './track.js';
import { phaseOf, strategies } from './words.js';

const lookEvery = 3000; // at the traffic, while it goes on
const targetsEvery = 10000;

// open shows it.
export function open(el, route) {
  const path = `/v1/rollouts/${encodeURIComponent(route.id)}`;
  const state = { detail: null, targets: null, problem: null, gone: false, test: null, decisions: false, all: false, targetsOf: '', targetsAt: 0 };
  let stopped = false;
  let end = () => {};
  const change = (more) => {
    Object.assign(state, more);
    draw();
  };
  const draw = () => { if (!stopped) show(el, view(state, read, change)); };
  const read = async () => {
    try {
      const detail = await get(`${path}?glimpse=true`);
      announce(state.detail, detail);
      Object.assign(state, { detail, problem: null, test: await tested(state, detail, path) });
    } catch (problem) {
      if (problem.status === 401) return;
      Object.assign(state, { problem, gone: problem.status === 404 });
    }
    draw();
    if (state.gone) end();
    else await readTargets(state, path).then(draw);
  };
  document.title = `${route.id} · HotSwap`;
  draw();
  read();
  end = listen(`${path}/events`, read, lookEvery);
  return { close: () => {
    stopped = true;
    end();
  } };
}

// readTargets reads who is on which version: after each event, and every so often.
async function readTargets(state, path) {
  const { detail } = state;
  const is = detail ? `${detail.generation}` : '';
  if (!detail || (is === state.targetsOf && (detail.outcome || Date.now() - state.targetsAt < targetsEvery))) return;
  try {
    state.targets = await get(`${path}/targets`);
    state.targetsOf = is;
  } catch (problem) {
    state.targets ??= { unseen: problem.message };
  }
  state.targetsAt = Date.now();
}

// tested is what an A/B test found: once it is over, its journal alone has that.
async function tested(state, d, path) {
  if (d.strategy !== 'ABTesting' || d.now?.verdict?.comparison || d.verdict?.comparison) return null;
  if (state.test && state.detail.generation === d.generation) return state.test;
  try {
    const { items } = await get(`${path}/events`);
    return items.findLast((e) => e.verdict?.comparison)?.verdict ?? null;
  } catch {
    return null; // it is asked for again
  }
}

// announce says when the phase or the stage changed.
function announce(before, d) {
  if (before && !(d.outcome && before.outcome) && (before.phase !== d.phase || before.stage.name !== d.stage.name)) {
    say(`${d.plugin}: ${phaseOf(d.phase).word.toLowerCase()}${d.outcome ? '' : ` at stage ${d.stage.name}, ${d.stage.number} of ${d.stage.of}`}`);
  }
}

function view(state, again, change) {
  const { detail: d, problem } = state;
  if (state.gone) return [h('h1', { class: 'unseen' }, 'Rollout'), empty('There is no such rollout.', 'It may be in an environment that you may not look at, or over for so long that it is not kept. ', h('a', { href: '#/rollouts' }, 'All rollouts'))];
  if (!d) return [h('h1', { class: 'unseen' }, 'Rollout'), problem ? failure(problem, again) : loading(8)];
  return [
    heading(d, again),
    problem ? failure(problem, again) : null,
    notices(d, state.test),
    track(d),
    h('div', { class: 'columns' },
      h('div', { class: 'column' }, step(d), comparison(d, state.test), checks(d), tenants(d, state.targets), byTenant(d) ? null : instances(d, state.targets)),
      h('div', { class: 'column side' }, exposure(d), byTenant(d) ? instances(d, state.targets) : null, timeline(d, state, change))),
    more(d),
  ];
}

function heading(d, again) {
  return h('div', { class: 'head rollout-head' },
    h('div', { class: 'head-text' },
      h('nav', { class: 'crumbs', 'aria-label': 'Breadcrumb' }, h('a', { href: '#/rollouts' }, 'Rollouts'), h('span', { 'aria-hidden': 'true' }, '/'), h('span', { class: 'clip' }, d.id)),
      h('div', { class: 'title' }, h('h1', { class: 'wrap' }, d.plugin), phaseBadge(d.phase, 'large')),
      h('p', { class: 'sub' }, versions(d), h('span', null, strategies[d.strategy] ?? d.strategy), h('span', null, d.environment), h('span', null, 'started ', when(d.startedAt), d.startedBy ? ` by ${d.startedBy}` : ''))),
    actions(d, again));
}

// notices are what one should know before all else.
function notices(d, test) {
  const walked = d.conditions.find((c) => c.type === 'Walked');
  const tone = { held: 'warn', paused: 'warn', retained: 'plain', rolled_back: 'plain' }[d.phase] ?? 'bad';
  return [
    unwalked(d) ? notice('bad', 'alert', walked.reason === 'hindered' ? 'The rollout cannot be walked' : 'Nobody walks this rollout',
      h('p', null, `${sentence(walked.message)} It stays as it is until that changes, and nobody watches the candidate.`)) : null,
    d.now?.unseen ? notice('warn', 'eye', 'The fleet cannot be seen', h('p', null, sentence(d.now.unseen))) : null,
    d.story ? notice(tone, phaseOf(d.phase).icon, stories[d.phase] ?? phaseOf(d.phase).word, tale(d.story, Boolean(test ?? d.verdict?.comparison))) : null,
  ];
}

const stories = { held: 'Waits for a decision', paused: 'Paused', stuck: 'Stuck: a person is needed', rolling_back: 'Rolling back', rolled_back: 'Rolled back', retained: 'A stays' };

const sentence = (text) => (text ? text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.') : '');

// tale is a story: what happened, and the facts behind it, unless a table has them.
function tale(text, tabled) {
  const [first, ...facts] = text.trim().split(/\n+/);
  return [h('p', { class: 'wrap' }, first), facts.length && !tabled ? h('ul', { class: 'plain facts' }, facts.map((line) => h('li', { class: 'wrap' }, line))) : null];
}

// more is what is looked at seldom.
function more(d) {
  return card('Plan', { class: 'plan' },
    h('p', { class: 'wrap' }, d.headline),
    h('ol', { class: 'plain plan-lines' }, d.summary.filter((line) => line !== d.headline).map((line) => h('li', null, line))),
    h('dl', { class: 'pairs' },
      h('dt', null, 'Id'), h('dd', null, h('code', null, d.id)),
      h('dt', null, 'Started'), h('dd', null, at(d.startedAt), d.startedBy ? ` by ${d.startedBy}` : ''),
      d.owner ? [h('dt', null, 'Owner'), h('dd', null, d.owner)] : null,
      d.restores ? [h('dt', null, 'Restores'), h('dd', null, h('code', null, d.restores))] : null,
      h('dt', null, 'Walked by'), h('dd', null, d.conditions.find((c) => c.type === 'Walked' && c.status === 'True')?.message || 'nobody')),
    d.deployment ? h('details', null, h('summary', null, icon('forward'), 'Deployment'), h('pre', { tabindex: '0', 'aria-label': 'Deployment as JSON' }, JSON.stringify(d.deployment, null, 2))) : null);
}
