// What a person can say to a rollout: in which phases, and what follows from it.

import { h } from './dom.js';
import { decide } from './dialog.js';
import { many, reach } from './format.js';
import { icon } from './icons.js';
import { may } from './session.js';
import { phaseOf } from './words.js';
import { furthest } from './track.js';

// signals are what can be said, when, and how much it weighs.
export const signals = [
  { name: 'pause', word: 'Pause', icon: 'pause', phases: ['progressing'] },
  { name: 'resume', word: 'Resume', icon: 'play', phases: ['held', 'paused', 'stuck'] },
  { name: 'promote', word: 'Promote', icon: 'forward', phases: ['held'], reason: true, tone: 'primary' },
  { name: 'rollback', word: 'Roll back', icon: 'back', phases: ['progressing', 'held', 'paused', 'stuck'], reason: true, tone: 'danger' },
];

// actions draws a button for each of them.
export function actions(d, again) {
  if (d.outcome && d.outcome !== 'stuck') return null;
  const allowed = may('operate', d.environment);
  return h('div', { class: 'actions' },
    h('div', { class: 'buttons', role: 'group', 'aria-label': 'Decide' }, signals.map((s) => button(s, d, allowed, again))),
    allowed ? null : h('p', { class: 'faint' }, `Deciding takes the role operate in ${d.environment}.`));
}

function button(s, d, allowed, again) {
  const possible = s.phases.includes(d.phase) && !(s.name === 'rollback' && d.stages[d.stage.number - 1]?.final && d.phase !== 'stuck' && begun(d));
  const why = !allowed ? `Takes the role operate in ${d.environment}` : possible ? '' : s.phases.includes(d.phase) ? 'There is no way back from the last stage' :
    `Not while it is ${phaseOf(d.phase).word.toLowerCase()}`;
  return h('button', {
    type: 'button', class: `button ${why ? '' : s.tone ?? ''}`, 'data-signal': s.name, 'aria-disabled': why ? 'true' : null, title: why || null, 'aria-description': why || null,
    on: { click: () => { if (!why) decide(s, d, effects[s.name](d), again); } },
  }, icon(s.icon), s.word);
}

// begun says whether the present stage has begun.
const begun = (d) => d.timeline.some((l) => l.kind === 'began' && l.stage === d.stage.number - 1);

// settled says whether the changes of the present stage are in effect.
const settled = (d) => d.timeline.findLastIndex((l) => l.kind === 'settled' && l.stage === d.stage.number - 1) >
  d.timeline.findLastIndex((l) => l.kind === 'began' && l.stage === d.stage.number - 1);

const now = (d) => (d.exposed ? `${d.candidate} reaches ${reach(d.exposed)}.` : `${d.candidate} reaches nobody yet.`);

// effects are what follows, line by line.
const effects = {
  pause: (d) => [`The clock of stage ${d.stage.name} stands until somebody resumes or rolls back.`, `${now(d)} That stays so.`, 'Guards go on watching: one that trips still acts.'],
  resume: (d) => [d.phase === 'stuck' ? 'What it stuck at is tried again.' : `Stage ${d.stage.name} goes on, and what it waits for is judged anew.`, now(d)],
  promote: (d) => {
    const next = d.stages[d.stage.number];
    if (!settled(d)) return [`Stage ${d.stage.name} goes on in spite of what held it.`, now(d)];
    if (!next) return [`Stage ${d.stage.name} is the last one: the rollout ends, and ${d.candidate} serves.`];
    return [`The rollout leaves stage ${d.stage.name} and goes on to ${next.name}.`, `From then on ${d.candidate} reaches ${reach(next)}.`, d.exposed ? `Now it reaches ${reach(d.exposed)}.` : 'Now it reaches nobody.',
      next.final ? 'There is no way back once that stage has begun.' : 'Rolling back stays possible.'];
  },
  rollback: (d) => [
    d.phase === 'stuck' ? 'The way back is tried again.' : `${many(furthest(d) + 1, 'stage')} ${furthest(d) ? 'are' : 'is'} taken back, the last one first.`,
    `${now(d)} Then everybody is on ${d.baseline || 'what was there before'} again, as it was before the rollout.`, 'It cannot be promoted any more: another try is another rollout.',
  ],
};
