// The rollout: what it is, where it is, what it cost, and how far it is from a proof.

import { by, count, metric, odds, percent, put } from './dom.js';

const tones = { rolled_back: 'bad', retained: 'warn', stuck: 'bad', succeeded: 'good' };
const words = { rolled_back: 'rolled back', retained: 'A was kept', stuck: 'stuck', succeeded: 'succeeded', rolling_back: 'walking back', in_progress: 'on its way' };

let unfolded = false; // the whole story is open

export function rollout(r) {
  by('phase').replaceChildren();
  if (!r) {
    by('rollout').replaceChildren(put('p', { class: 'faint' }, 'Nothing has been rolled out yet. Choose a version and a strategy below.'));
    return;
  }
  const state = r.outcome || r.phase;
  by('phase').append(put('span', { class: `badge ${tones[state] ?? (state === 'rolling_back' ? 'bad' : 'info')}` }, words[state] ?? state.replaceAll('_', ' ')));
  by('rollout').replaceChildren(
    put('p', { class: 'versions' }, r.baseline ?? 'nothing', ' → ', r.candidate ?? 'nothing', put('small', {}, r.strategy)),
    story(r));
  track(r);
  failed(r);
  evidence(r);
}

// story is what there is to say in a sentence, and all of it where that is wanted.
function story(r) {
  const [first, ...rest] = (r.story || r.step?.text || r.headline || '').trim().split('\n');
  if (!rest.length) return put('p', { class: 'story' }, first);
  const all = put('details', unfolded ? { open: '' } : {}, put('summary', { class: 'story' }, first), put('pre', {}, rest.join('\n').trim()));
  all.addEventListener('toggle', () => { unfolded = all.open; });
  return all;
}

function track(r) {
  by('track').replaceChildren(...(r.stages ?? []).map((s, i) => {
    const n = i + 1;
    const at = r.outcome === 'succeeded' ? Infinity : r.stage?.number ?? 0;
    const back = r.phase === 'rolling_back' || r.outcome === 'rolled_back';
    return put('li', { class: n < at ? (back ? '' : 'done') : n === at ? (back ? 'back' : 'now') : '', title: s.name }, s.name);
  }));
}

function failed(r) {
  const e = r.expected;
  const inside = [
    put('span', { class: 'number' }, count(r.failed)),
    put('span', {}, `requests failed on ${r.candidate ?? 'nothing'}${ordinary(r)}`),
    put('span', { class: 'faint' }, e ? `the simulator expected ${said(e.failed)} failed requests, in 95 of 100 of its runs` : r.unexpected ? `no prediction: ${r.unexpected}` : 'the simulator is being asked'),
  ];
  if (e) inside.push(band(e.failed, r.failed));
  if (r.lost) inside.push(put('span', {}, ''), put('span', { class: 'faint' }, `${count(r.lost)} more were lost by what was killed, on any version`));
  by('failed').replaceChildren(...inside);
}

// ordinary says how many of them are no news: good versions fail now and then.
function ordinary(r) {
  if (!r.answered) return '';
  const own = `, ${percent(r.failed / r.answered)} of its ${count(r.answered)}`;
  if (!r.usual?.answered) return own;
  const usual = r.usual.failed / r.usual.answered;
  return `${own}; ${r.baseline} failed ${percent(usual)} before, which would be ${count(usual * r.answered)}`;
}

const said = (b) => `${count(b.low)} to ${count(b.high)}`;

function band(b, at) {
  const most = Math.max(b.high, at, 1) * 1.15;
  const x = (n) => `${100 * n / most}%`;
  return put('svg', { class: 'band', role: 'img', 'aria-label': `${count(at)} of ${said(b)} expected` },
    put('rect', { class: 'rail', x: 0, y: 9, width: '100%', height: 6, rx: 3 }),
    put('rect', { class: 'in', x: x(b.low), y: 6, width: x(Math.max(b.high - b.low, most / 200)), height: 12, rx: 3 }),
    put('rect', { class: 'at', x: x(at), y: 2, width: 3, height: 20 }));
}

// evidence is how much speaks against the candidate, over time, as a share of what proves it.
function evidence(r) {
  const points = (r.evidence ?? []).map((p) => ({ ...p, share: p.boundary ? p.evidence / p.boundary : 0 }));
  if (!points.length) points.push({ at: 0, share: 0 });
  const w = 560, h = 136, left = 8, right = 8, top = 22, foot = 18;
  const last = points[points.length - 1], span = Math.max(5, last.at);
  const heaviest = points.findLast((p) => p.boundary);
  const x = (t) => left + (w - left - right) * t / span, y = (s) => h - foot - (h - foot - top) * Math.min(1.12, s);
  const line = points.map((p, i) => `${i ? 'L' : 'M'}${x(p.at).toFixed(1)} ${y(p.share).toFixed(1)}`).join('');
  by('evidence').classList.toggle('over', last.share >= 1);
  by('evidence').replaceChildren(
    put('svg', { viewBox: `0 0 ${w} ${h}`, role: 'img', 'aria-label': `Evidence against ${r.candidate}: ${Math.round(100 * last.share)} % of what proves it` },
      put('line', { class: 'axis', x1: left, x2: w - right, y1: h - foot, y2: h - foot }),
      put('path', { class: 'area', d: `${line}L${x(last.at).toFixed(1)} ${h - foot}L${x(points[0].at).toFixed(1)} ${h - foot}Z` }),
      put('path', { class: 'line', d: line }),
      put('line', { class: 'bound', x1: left, x2: w - right, y1: y(1), y2: y(1) }),
      put('text', { class: 'said', x: left, y: y(1) - 6 }, heaviest ? `proof, at ${odds(heaviest.boundary)}` : 'proof'),
      put('text', { x: left, y: h - 5 }, '0 s'), put('text', { x: w - right, y: h - 5, 'text-anchor': 'end' }, `${Math.round(span)} s`)),
    put('figcaption', {}, heaviest ? put('b', {}, `Evidence against ${r.candidate}: ${odds(heaviest.evidence)}. `) : `Nothing speaks against ${r.candidate} so far.`,
      heaviest ? `${capital(metric(heaviest.metric))}: ${heaviest.detail}.` : null));
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
