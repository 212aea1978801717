// What several views are made of.

import { h } from './dom.js';
import { icon } from './icons.js';
import { ago, at } from './format.js';
import { phaseOf } from './words.js';

// badge is a word with its icon and tone.
export const badge = ({ word, icon: name, tone }, more = '') => h('span', { class: `badge ${tone} ${more}`.trim() }, icon(name), h('span', null, word));

// phaseBadge is the word of a phase.
export const phaseBadge = (phase, more) => badge(phaseOf(phase), more);

// versions are baseline and candidate.
export function versions(r) {
  return h('span', { class: 'versions' },
    r.baseline ? [h('span', { class: 'version', title: r.baseline }, r.baseline), h('span', { class: 'to' }, icon('arrow'), h('span', { class: 'unseen' }, ' to '))] : null,
    h('span', { class: 'version new', title: r.candidate }, r.candidate || '–'));
}

// when is a time as it is from now, and exactly where one asks.
export const when = (text) => h('time', { datetime: text, title: at(text) }, ago(text));

// card is a part of a view with a heading.
export const card = (title, props, ...children) => h('section', { key: title, ...props, aside: null, class: `card ${props?.class ?? ''}`.trim() },
  h('div', { class: 'card-head' }, h('h2', null, title), props?.aside ?? null), children);

// notice is something that one should know.
export const notice = (tone, name, title, ...children) => h('div', { class: `notice ${tone}` }, icon(name), h('div', { class: 'notice-text' }, h('p', { class: 'notice-title' }, title), children));

// empty is where there is nothing.
export const empty = (title, ...more) => h('div', { class: 'empty' }, h('p', { class: 'empty-title' }, title), more.length ? h('p', null, more) : null);

// failure is where something could not be read.
export const failure = (problem, again) => h('div', { class: 'notice bad', role: 'alert' }, icon('alert'), h('div', { class: 'notice-text' },
  h('p', { class: 'notice-title' }, problem.message), problem.reason ? h('p', { class: 'faint' }, problem.reason) : null),
again ? h('button', { type: 'button', class: 'button', on: { click: again } }, 'Try again') : null);

// loading stands where something is being read.
export const loading = (rows = 4) => h('div', { class: 'loading', role: 'status' }, h('span', { class: 'unseen' }, 'Loading'),
  Array.from({ length: rows }, () => h('div', { class: 'bone', 'aria-hidden': 'true' })));

// pair is a term and what it is.
export const pair = (term, ...what) => h('div', { class: 'pair' }, h('dt', null, term), h('dd', null, what));
