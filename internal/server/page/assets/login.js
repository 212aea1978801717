// Where somebody logs in.

import { h, show } from './dom.js';
import { icon } from './icons.js';
import { issuers, login } from './session.js';

// open shows it. why says what ended the session before, and then is called once one began.
export function open(el, why, then) {
  const state = { problem: why, busy: false };
  const draw = () => show(el, view(state, submit));
  const submit = async (e) => {
    e.preventDefault();
    const field = e.currentTarget.elements.token;
    if (state.busy) return;
    if (!field.value.trim()) {
      state.problem = 'Enter a token.';
      draw();
      field.focus();
      return;
    }
    state.busy = true;
    draw();
    try {
      await login(field.value.trim());
      field.value = '';
      await then();
    } catch (problem) {
      state.busy = false;
      state.problem = problem.message;
      draw();
      field.select();
    }
  };
  draw();
  el.querySelector('input').focus();
  return { close: () => {} };
}

function view(state, submit) {
  const next = encodeURIComponent(`/${location.hash}`);
  return h('div', { class: 'login' },
    h('div', { class: 'login-box' },
      h('span', { class: 'mark large' }, icon('swap')),
      h('h1', null, 'Log in'),
      h('p', { class: 'faint' }, 'See rollouts as they go, and decide where one waits for you.'),
      state.problem ? h('p', { class: 'login-problem', role: 'alert' }, icon('alert'), h('span', null, state.problem)) : null,
      issuers.map((name) => h('a', { class: 'button primary wide', href: `/login/oidc?issuer=${encodeURIComponent(name)}&next=${next}` }, `Continue with ${name}`)),
      issuers.length ? h('p', { class: 'or' }, h('span', null, 'or with a token')) : null,
      h('form', { on: { submit }, novalidate: true },
        h('label', { for: 'token' }, 'Token'),
        h('input', { id: 'token', name: 'token', type: 'password', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', required: true }),
        h('button', { type: 'submit', class: issuers.length ? 'button wide' : 'button primary wide', 'aria-disabled': state.busy ? 'true' : null }, state.busy ? 'Logging in' : 'Log in'))));
}
