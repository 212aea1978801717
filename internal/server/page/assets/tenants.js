// The tenants as tiles, by the version that serves them.

import { grid, kindOf, legend } from './grid.js';
import { h } from './dom.js';
import { count, many } from './format.js';
import { card, loading } from './parts.js';

// byTenant says whether the strategy of a rollout tells tenants apart.
export const byTenant = (d) => d.strategy === 'Canary' || d.strategy === 'ABTesting';

// tenants draws them; nothing of strategies for which all tenants are alike.
export function tenants(d, targets) {
  const pinned = targets?.tenants?.some((t) => t.version);
  if (!byTenant(d) && !pinned) return null;
  if (!targets) return card('Tenants', null, loading(2));
  if (targets.unseen) return card('Tenants', null, h('p', { class: 'faint' }, `They cannot be seen: ${targets.unseen}`));
  const running = new Set(targets.instances.map((i) => i.version));
  const usual = running.size === 1 ? [...running][0] : d.baseline;
  const tiles = targets.tenants.map((t) => {
    const version = t.version || usual;
    return { id: t.id, kind: kindOf(d, version), text: `${t.id}: ${version || 'no version'}` };
  });
  const on = tiles.filter((t) => t.kind === 'candidate').length;
  const listed = targets.more ? ` of the first ${count(tiles.length)}` : ` of ${count(tiles.length)}`;
  return card(d.outcome ? 'Tenants now' : 'Tenants', { key: 'Tenants', aside: legend(d, tiles) },
    tiles.length ? grid(`Tenants: ${count(on)}${listed} on ${d.candidate}`, tiles) : h('p', { class: 'faint' }, 'There are no tenants.'),
    targets.more ? h('p', { class: 'faint' }, `The first ${many(tiles.length, 'tenant')} are shown.`) : null);
}
