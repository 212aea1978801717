// Times, lengths of time and figures, as people read them.

import { now } from './api.js';
import { metricOf } from './words.js';

// isSet says whether the API gave a time.
export const isSet = (text) => Boolean(text) && !text.startsWith('0001-');

// span is a length of time in ms, in its two largest units.
export function span(ms) {
  if (ms > 0 && ms < 950) return `${Math.max(1, Math.round(ms))} ms`;
  const s = Math.max(0, Math.round(ms / 1000));
  const [d, hours, m, rest] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60];
  if (d > 0) return hours ? `${d}d ${hours}h` : `${d}d`;
  if (hours > 0) return m ? `${hours}h ${m}m` : `${hours}h`;
  if (m > 0) return rest ? `${m}m ${rest}s` : `${m}m`;
  return `${rest}s`;
}

// ago is how long ago a time is, roughly.
export function ago(text) {
  const s = (now() - Date.parse(text)) / 1000;
  if (s < 5) return 'just now';
  if (s < 60) return `${Math.floor(s)}s ago`;
  if (s < 3600) return `${Math.floor(s / 60)}m ago`;
  if (s < 86400) return `${Math.floor(s / 3600)}h ago`;
  return `${Math.floor(s / 86400)}d ago`;
}

const two = (n) => String(n).padStart(2, '0');

// at is a time to the second, here.
export function at(text) {
  const t = new Date(text);
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${clock(text)}`;
}

// clock is the time of the day, here.
export function clock(text) {
  const t = new Date(text);
  return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

// duration reads ISO 8601, in ms.
export function duration(text) {
  const found = /^(-)?P(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/.exec(text ?? '');
  if (!found) return 0;
  const [, sign, d, hours, m, s] = found;
  return (sign ? -1 : 1) * 1000 * ((Number(d) || 0) * 86400 + (Number(hours) || 0) * 3600 + (Number(m) || 0) * 60 + (Number(s) || 0));
}

// figure is a number with as many digits as say something.
export function figure(n) {
  if (!Number.isFinite(n)) return '∞';
  const most = Math.abs(n) >= 100 ? 0 : Math.abs(n) >= 10 ? 1 : Math.abs(n) >= 1 ? 2 : 3;
  return n.toLocaleString('en', { maximumFractionDigits: most });
}

// count is a whole number.
export const count = (n) => Math.round(n ?? 0).toLocaleString('en');

// percent is a share as a percentage.
export const percent = (share) => `${figure(share * 100)} %`;

// odds is a decimal logarithm of odds, as people say it.
export const odds = (tens) => (tens > 6 ? `10^${Math.round(tens)}:1` : `${count(Number((10 ** tens).toPrecision(2)))}:1`);

// many is a number of things.
export const many = (n, one, others = `${one}s`) => `${count(n)} ${n === 1 ? one : others}`;

// measured is a value of a metric, with its unit.
export function measured(metric, n) {
  switch (metricOf(metric).unit) {
    case 'share': return percent(n);
    case 'ms': return `${figure(n)} ms`;
    case 'times': return `${figure(n)}×`;
    case 'rate': return `${figure(n)}/s`;
    default: return figure(n);
  }
}

// reach is whom a version reaches.
export const reach = (e) => `${many(e.tenants, 'tenant')}, ${many(e.instances, 'instance')}, ${figure(e.share)} % of traffic`;
