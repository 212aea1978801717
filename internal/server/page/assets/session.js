// Who one is, and what one may.

import { get, post } from './api.js';

const ranks = { read: 1, operate: 2, admin: 3 };

// me is who one is; null: nobody yet.
export let me = null;

// enter finds out who one is.
export async function enter() {
  me = await get('/v1/self');
  return me;
}

// forget knows nobody any more.
export function forget() { me = null; }

// login begins a session with a token.
export const login = (token) => post('/login', { token });

// logout ends the session.
export async function logout() {
  await post('/logout');
  forget();
}

// may says whether one has a role in an environment; without one: everywhere.
export function may(role, environment) {
  return (me?.grants ?? []).some((g) => ranks[g.role] >= ranks[role] &&
    (!g.environments?.length || (environment !== undefined && g.environments.includes(environment))));
}

// roles are the roles that one has, in words.
export function roles() {
  return (me?.grants ?? []).map((g) => `${g.role} ${g.environments?.length ? `in ${g.environments.join(', ')}` : 'everywhere'}`);
}

// issuers are by whom one can log in, beside with a token.
export const issuers = JSON.parse(document.querySelector('meta[name=hotswap-issuers]').content);
