// What happened, newest first.

import { h } from './dom.js';
import { at, clock } from './format.js';
import { icon } from './icons.js';
import { card } from './parts.js';
import { events, phaseOf, signalKinds } from './words.js';

const usual = 14;

// timeline draws it.
export function timeline(d, state, change) {
  const lines = d.timeline.filter((l) => !state.decisions || signalKinds.has(l.kind)).reverse();
  const shown = state.all ? lines : lines.slice(0, usual);
  return card('Timeline', { class: 'timeline-card', aside: h('label', { class: 'tick' },
    h('input', { type: 'checkbox', live: { checked: state.decisions }, on: { change: (e) => change({ decisions: e.target.checked }) } }), h('span', null, 'Decisions only')) },
  shown.length ? h('ol', { class: 'plain timeline' }, shown.map(line)) : h('p', { class: 'faint' }, state.decisions ? 'Nobody has said anything to it.' : 'Nothing has happened yet.'),
  lines.length > shown.length ? h('button', { type: 'button', class: 'button', on: { click: () => change({ all: true }) } }, `Show all ${lines.length}`) : null);
}

function line(l) {
  const { icon: name, tone } = events[l.kind] ?? { icon: 'dot', tone: 'mute' };
  return h('li', { class: `event ${signalKinds.has(l.kind) ? 'decision' : ''}`, key: l.seq },
    h('span', { class: `event-icon ${tone}` }, icon(name)),
    h('div', null, h('p', { class: 'wrap' }, l.kind === 'finished' ? phaseOf(l.text).word : l.text), h('p', { class: 'faint' }, h('time', { datetime: l.at, title: at(l.at) }, clock(l.at)), l.by ? h('span', { class: 'wrap' }, ` ${l.by}`) : null)));
}
