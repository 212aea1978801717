// What changes by itself as time goes by: countdowns, and how far a step is.

import { now } from './api.js';
import { span } from './format.js';

// left is how long it is until a time, in words.
export function left(until) {
  const ms = Date.parse(until) - now();
  return ms > 0 ? span(Math.max(1000, ms)) : 'any moment';
}

// done is how much of a time has gone by, 0 to 1.
export function done(began, ends) {
  const [a, b] = [Date.parse(began), Date.parse(ends)];
  return b > a ? Math.min(1, Math.max(0, (now() - a) / (b - a))) : 0;
}

// tick brings what counts down up to date, each second.
export function tick() {
  setInterval(() => {
    for (const el of document.querySelectorAll('[data-until]')) el.textContent = left(el.dataset.until);
    for (const el of document.querySelectorAll('[data-began]')) el.style.setProperty('--done', done(el.dataset.began, el.dataset.ends));
  }, 1000);
}
