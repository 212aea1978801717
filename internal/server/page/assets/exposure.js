// Whom the candidate reaches, now and at most so far.

import { h } from './dom.js';
import { count, figure } from './format.js';
import { card } from './parts.js';

const nobody = { tenants: 0, instances: 0, share: 0 };

// exposure draws it.
export function exposure(d) {
  const now = d.exposed ?? nobody;
  const most = d.mostExposed ?? nobody;
  const total = Math.max(d.instances, now.instances, most.instances);
  return card('Reach', { aside: h('p', { class: 'faint' }, `of ${d.candidate}`) }, h('dl', { class: 'reach' },
    row('Tenants', now.tenants, most.tenants, d.tenants, count),
    row('Instances', now.instances, most.instances, total, count),
    row('Traffic', now.share, most.share, 100, (n) => `${figure(n)} %`)));
}

function row(word, now, most, of, text) {
  return h('div', { class: 'reach-row' },
    h('dt', null, word),
    h('dd', null,
      h('span', { class: 'reach-now' }, text(now)), h('span', { class: 'faint' }, word === 'Traffic' ? '' : ` of ${count(of)}`),
      most > now ? h('span', { class: 'faint reach-most' }, `at most ${text(most)}`) : null,
      h('span', { class: `meter info ${most > now ? 'marked' : ''}`, 'aria-hidden': 'true', vars: { '--done': of ? Math.min(1, now / of) : 0, '--most': of ? Math.min(1, most / of) : 0 } })));
}
