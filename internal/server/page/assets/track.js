// The plan as a track of stages: the way forward, where the rollout is, and the way back.

import { h } from './dom.js';
import { duration, figure, many, span } from './format.js';
import { icon } from './icons.js';
import { card } from './parts.js';
import { done } from './tick.js';

const mostNamed = 8; // more stages are drawn without their names

// furthest is the stage that the rollout came to, from 0.
export function furthest(d) {
  return d.timeline.reduce((n, line) => (line.kind === 'began' ? Math.max(n, line.stage) : n), 0);
}

// standing is how a stage stands: done, now, ahead, back (taken back) or behind (to be taken back).
function standing(d, i, far, reverted) {
  const now = d.stage.number - 1;
  if (d.phase === 'succeeded') return 'done';
  if (d.phase === 'rolled_back' || d.phase === 'retained') return i <= far ? 'back' : 'ahead';
  const returning = d.phase === 'rolling_back' || (d.phase === 'stuck' && reverted.size > 0);
  if (i === now) return returning ? 'returning' : 'now';
  if (returning) return i > far ? 'ahead' : i > now ? 'back' : 'behind';
  return i < now ? 'done' : 'ahead';
}

const words = { done: 'done', now: 'present stage', ahead: 'ahead', back: 'taken back', behind: 'to be taken back', returning: 'being taken back' };

// track draws it.
export function track(d) {
  const far = furthest(d);
  const reverted = new Set(d.timeline.filter((l) => l.kind === 'reverting' || l.kind === 'reverted').map((l) => l.stage));
  const dense = d.stages.length > mostNamed;
  const back = ['rolling_back', 'rolled_back', 'retained'].includes(d.phase);
  const list = d.stages.map((s, i) => stage(d, s, i, standing(d, i, far, reverted), dense));
  return card('Stages', { class: `track-card ${d.phase}`, aside: h('p', { class: 'faint' }, aside(d, back)) },
    h('ol', { class: `track ${dense ? 'dense' : ''}` }, list),
    dense ? present(d) : null);
}

function aside(d, back) {
  if (d.phase === 'succeeded') return `All ${d.stage.of} done`;
  if (d.phase === 'rolled_back' || d.phase === 'retained') return 'Everything is as it was before';
  return `${d.stage.name}, ${d.stage.number} of ${d.stage.of}${back ? ', on the way back' : ''}`;
}

function stage(d, s, i, stand, dense) {
  const current = stand === 'now' || stand === 'returning';
  const timed = current && d.step.kind === 'bake' && d.step.ends && d.step.began;
  return h('li', {
    class: `stage ${stand} ${current ? d.phase : ''}`, 'aria-current': current ? 'step' : null, title: dense ? `${s.name}: ${words[stand]}` : null,
  },
  h('span', {
    class: 'rail', 'aria-hidden': 'true', 'data-began': timed ? d.step.began : null, 'data-ends': timed ? d.step.ends : null,
    vars: { '--done': timed ? done(d.step.began, d.step.ends) : stand === 'ahead' ? 0 : current ? 0.5 : 1 },
  }),
  dense ? h('span', { class: 'unseen' }, `${s.name}: ${words[stand]}`) : label(d, s, stand));
}

const marks = { done: 'check', back: 'back', behind: 'back', returning: 'back', ahead: 'dot' };
const held = { held: 'hand', paused: 'pause', stuck: 'alert' };

function label(d, s, stand) {
  return h('span', { class: 'stage-text' },
    h('span', { class: 'stage-name' }, icon(stand === 'now' ? held[d.phase] ?? 'play' : marks[stand]), h('span', { class: 'wrap' }, s.name), h('span', { class: 'unseen' }, `, ${words[stand]}`)),
    h('span', { class: 'stage-reach' }, s.tenants ? many(s.tenants, 'tenant') : many(s.instances, 'instance'), ` · ${figure(s.share)} %`),
    h('span', { class: 'stage-time' }, times(s)));
}

// times is how long a stage is watched, and what it asks for.
export function times(s) {
  const bake = duration(s.bake);
  if (s.hold) return 'waits for a person';
  return bake ? `watched ${span(bake)}` : s.final ? 'no way back' : 'not watched';
}

// present is the present stage in words, where the track has none.
function present(d) {
  const s = d.stages[d.stage.number - 1];
  if (!s || d.outcome) return null;
  return h('p', { class: 'track-now' }, h('strong', null, s.name), h('span', { class: 'faint' }, ` ${many(s.tenants, 'tenant')}, ${many(s.instances, 'instance')} · ${figure(s.share)} % · ${times(s)}`));
}
