// The instances as tiles, and those that are not well.

import { grid, kindOf, legend } from './grid.js';
import { h } from './dom.js';
import { count, many } from './format.js';
import { byTenant } from './tenants.js';
import { badge, card, loading } from './parts.js';

// instances draws them.
export function instances(d, targets) {
  if (!targets) return card('Instances', null, loading(2));
  if (targets.unseen) return card('Instances', null, h('p', { class: 'faint' }, `They cannot be seen: ${targets.unseen}`));
  const ailing = new Map((d.now?.condition?.ailing ?? []).map((a) => [a.instance, a]));
  const tiles = targets.instances.map((i) => {
    const unwell = i.ready === false || ailing.has(i.id);
    return { id: i.id, kind: kindOf(d, i.version), ailing: unwell, text: [`${i.id}: ${i.version || 'no version'}`, i.slot, unwell ? (i.ready === false ? 'not ready' : 'not well') : 'ready'].filter(Boolean).join(', ') };
  });
  return card(d.outcome ? 'Instances now' : 'Instances', { key: 'Instances', aside: legend(d, tiles) },
    tiles.length ? grid(`Instances by version, ${count(tiles.length)} of them`, tiles, byTenant(d) ? 'By the version of the tenants that are not pinned to one.' : undefined) : h('p', { class: 'faint' }, 'No instance runs.'),
    condition(d.now?.condition),
    h('ul', { class: 'plain ailing-list' }, [...ailing.values()].map(ail)));
}

function condition(c) {
  if (!c) return null;
  const cells = [['watched', c.watched], ['ready', c.ready], ['changes pending', c.pending], ['broken changes', c.brokenCount], ['unproven', c.unproven], ['failing', c.failing]];
  return [
    h('dl', { class: 'figures' }, cells.filter(([word, n]) => n || word === 'watched' || word === 'ready').map(([word, n]) => h('div', null, h('dt', null, word), h('dd', null, count(n))))),
    h('ul', { class: 'plain ailing-list' }, (c.broken ?? []).map((b) => h('li', null, badge({ word: 'broken', icon: 'cross', tone: 'bad' }), h('strong', { class: 'wrap' }, b.target), h('span', { class: 'wrap' }, b.reason)))),
  ];
}

function ail(a) {
  const what = [a.ready ? '' : 'not ready', a.failures ? `${many(a.failures, 'failed probe')} in a row` : '', a.unproven ? 'never seen to work' : '', a.deaths ? `died ${many(a.deaths, 'time')}` : ''];
  return h('li', null, badge({ word: a.ready ? 'not well' : 'not ready', icon: 'alert', tone: 'warn' }), h('strong', { class: 'wrap' }, a.instance), h('span', { class: 'wrap' }, [a.version, ...what].filter(Boolean).join(', ')));
}
