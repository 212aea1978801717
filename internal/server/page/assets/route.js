// Addresses: what is shown stands behind the #, so that it can be bookmarked and sent.

// parse reads an address.
export function parse(hash) {
  const [path, query] = hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/');
  const asked = Object.fromEntries(new URLSearchParams(query ?? ''));
  if (name === 'rollouts' && id) return { name: 'rollout', id: decoded(id), asked };
  return ['fleets', 'tokens', 'audit'].includes(name) ? { name, asked } : { name: 'rollouts', asked };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// address writes one; what is empty is left out.
export function address(path, asked = {}) {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value)).toString();
  return `#/${path}${query ? `?${query}` : ''}`;
}

// toRollout is where a rollout is.
export const toRollout = (id) => address(`rollouts/${encodeURIComponent(id)}`);
