// What the present stage waits for, and until when.

import { h } from './dom.js';
import { ago, clock, isSet } from './format.js';
import { icon } from './icons.js';
import { notice } from './parts.js';
import { done, left } from './tick.js';

const kinds = {
  change: ['Change', 'forward'], settle: ['Settle', 'check'], bake: ['Bake', 'eye'], hold: ['Hold', 'hand'], pause: ['Pause', 'pause'], undo: ['Undo', 'back'],
};

// step draws it; nothing once the rollout ended.
export function step(d) {
  const { kind, text, began, ends, blindSince } = d.step;
  if (kind === 'none' || d.outcome) return null;
  const [word, name] = kinds[kind] ?? [kind, 'dot'];
  const timed = isSet(began) && isSet(ends);
  return h('section', { key: 'Step', class: `card step ${d.phase}`, 'aria-label': 'Step' },
    h('div', { class: 'step-line' },
      h('span', { class: 'step-icon' }, icon(name)),
      h('div', { class: 'step-text' }, h('h2', null, `${word}: ${d.stage.name}`), h('p', { class: 'faint' }, `${text.charAt(0).toUpperCase()}${text.slice(1)}`, isSet(began) ? `, since ${clock(began)}` : '')),
      isSet(ends) ? h('div', { class: 'countdown' }, h('span', { class: 'faint' }, kind === 'hold' ? 'rolls back or gives up in' : kind === 'settle' ? 'at most' : 'ends in'), h('span', { class: 'clock', 'data-until': ends }, left(ends))) :
        kind === 'hold' ? h('div', { class: 'countdown' }, h('span', { class: 'faint' }, 'waits'), h('span', { class: 'clock' }, 'without limit')) : null),
    timed ? h('span', { class: 'meter tall info', 'aria-hidden': 'true', 'data-began': began, 'data-ends': ends, vars: { '--done': done(began, ends) } }) : null,
    d.observedGeneration < d.generation ? h('p', { class: 'faint' }, 'What was said last has not had its effect yet.') : null,
    isSet(blindSince) ? notice('warn', 'eye', 'There are no samples', h('p', null, `The newest is from ${ago(blindSince)}. The clock of the bake stands until they come.`)) : null);
}
