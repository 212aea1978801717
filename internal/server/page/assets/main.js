// The page: which view is shown, and who sees it.

import { Problem, whenNobody } from './api.js';
import { say, show } from './dom.js';
import * as audit from './audit.js';
import * as fleets from './fleets.js';
import * as login from './login.js';
import { failure, loading } from './parts.js';
import * as rollout from './rollout.js';
import * as rollouts from './rollouts.js';
import { parse } from './route.js';
import * as session from './session.js';
import * as shell from './shell.js';
import * as tokens from './tokens.js';
import { tick } from './tick.js';

const views = { rollouts, rollout, fleets, tokens, audit };
const main = document.getElementById('main');
let shown = null; // the view that is open: its name, and what it has to be told and closed by
let asked = 0;

function close() {
  shown?.close();
  shown = null;
  show(main);
}

// go shows what the address says.
async function go() {
  const turn = ++asked;
  const route = parse(location.hash);
  if (!session.me) {
    show(main, loading());
    try {
      await session.enter();
    } catch (problem) {
      if (turn !== asked) return;
      if (problem.status === 401) return nobody(problem);
      show(main, failure(problem instanceof Problem ? problem : new Problem(0, { detail: String(problem) }), go));
      return;
    }
    if (turn !== asked) return;
  }
  shell.draw(route, leave);
  if (shown && shown.name === route.name && shown.id === route.id && shown.update) {
    shown.update(route);
    return;
  }
  const first = !shown;
  close();
  document.title = 'HotSwap';
  shown = { name: route.name, id: route.id, ...views[route.name].open(main, route) };
  window.scrollTo(0, 0);
  if (!first) main.focus({ preventScroll: true });
}

// nobody lets somebody log in. The address stays: it is gone on to after it.
function nobody(problem) {
  if (shown?.name === 'login') return;
  const before = session.me;
  document.querySelector('dialog')?.close(); // which nobody can send any more
  session.forget();
  close();
  shell.draw(null, leave);
  document.title = 'Log in · HotSwap';
  shown = { name: 'login', ...login.open(main, before ? problem.message : '', async () => {
    close();
    await go();
    say(`Logged in as ${session.me?.name ?? ''}`);
  }) };
}

// leave logs out; who is nobody yet may log in.
async function leave() {
  if (!session.me?.anonymous) await session.logout();
  nobody(new Problem(401));
}

whenNobody(nobody);
window.addEventListener('hashchange', go);
tick();
go();
