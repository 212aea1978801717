// Elements, and words for numbers.

// put makes an element: its attributes, and what is in it.
export function put(name, attributes = {}, ...inside) {
  const svg = ['svg', 'path', 'line', 'rect', 'text'].includes(name);
  const e = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) e.setAttribute(key, value);
  }
  e.append(...inside.filter((x) => x !== null && x !== undefined));
  return e;
}

export const by = (id) => document.getElementById(id);
export const count = (n) => Math.round(n).toLocaleString('en');
export const percent = (share) => `${share * 100 < 10 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;

// odds is a decimal logarithm of odds, as people say it.
export const odds = (tens) => (tens > 6 ? `10^${Math.round(tens)}:1` : `${count(Number((10 ** tens).toPrecision(2)))}:1`);

// words of metrics.
export const metric = (name) => ({
  errorRatio: 'errors against the old version', errorRate: 'error rate', tenantErrorRate: 'error rate of the tenant that fares worst',
  successRate: 'success rate', latencyP99Ms: '99th percentile of the latency',
}[name] ?? name);
