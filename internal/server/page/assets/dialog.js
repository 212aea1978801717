// A decision: what will happen, why, and whether it was taken.

import { post } from './api.js';
import { h, say, show } from './dom.js';
import { icon } from './icons.js';
import { versions } from './parts.js';

const mostReason = 1900; // the server takes 2000 bytes

const said = { pause: 'Paused', resume: 'Resumed', promote: 'Promoted', rollback: 'Rolling back' };

// decide asks whether to say s to the rollout d, and says it. It is meant for the stage that d
// is at: where the rollout is at another one by then, the server refuses it.
export function decide(s, d, effects, then) {
  const state = { problem: null, busy: false };
  const box = h('dialog', { class: 'deciding', 'aria-labelledby': 'decision-title' });
  const before = document.activeElement;
  const draw = () => show(box, view(s, d, effects, state, { send, cancel: () => box.close() }));
  const send = async (e) => {
    e.preventDefault();
    const field = e.currentTarget.elements.reason;
    const reason = field.value.trim();
    if (state.busy) return;
    if (s.reason && !reason) {
      state.problem = { title: 'Say why.', detail: 'The reason stands in the journal and in the audit log.' };
      draw();
      field.focus();
      return;
    }
    Object.assign(state, { busy: true, problem: null });
    draw();
    try {
      await post(`/v1/rollouts/${encodeURIComponent(d.id)}/signals`, { signal: s.name, reason, stage: d.stage.name });
      say(`${said[s.name]}: ${d.plugin}`);
      box.close();
    } catch (problem) {
      state.busy = false;
      state.problem = wrong(problem, d);
      draw();
    }
    then();
  };
  box.addEventListener('close', () => {
    box.remove();
    before?.focus?.();
  });
  draw();
  document.body.append(box);
  box.showModal();
}

// wrong is what a refusal means for whoever decides.
function wrong(problem, d) {
  switch (problem.reason) {
    case 'stage-differs':
      return { title: `It is at stage ${problem.is} now, not ${d.stage.name} any more.`, detail: 'Nothing was done. Close this, look again, and decide anew.', stale: true };
    case 'wrong-phase':
      return { title: 'The phase does not allow that any more.', detail: `${problem.message}. Close this, and look again.`, stale: true };
    default:
      return { title: 'Nothing was done.', detail: problem.message };
  }
}

function view(s, d, effects, state, { send, cancel }) {
  return h('form', { class: 'decision-form', novalidate: true, on: { submit: send } },
    h('h2', { id: 'decision-title' }, `${s.word} at stage ${d.stage.name}?`),
    h('p', { class: 'sub' }, h('span', { class: 'wrap' }, d.plugin), versions(d), h('span', null, d.environment)),
    h('ul', { class: 'effects' }, effects.map((line) => h('li', { class: 'wrap' }, line))),
    h('label', { class: 'field', for: 'reason' }, h('span', null, s.reason ? 'Reason' : 'Reason (optional)')),
    h('textarea', { id: 'reason', name: 'reason', rows: '3', maxlength: mostReason, required: Boolean(s.reason), readonly: state.busy, autofocus: true, 'aria-describedby': 'decision-problem' }),
    h('div', { id: 'decision-problem', role: 'alert' }, state.problem ? h('div', { class: 'notice bad' }, icon('alert'), h('div', { class: 'notice-text' },
      h('p', { class: 'notice-title wrap' }, state.problem.title), h('p', { class: 'wrap' }, state.problem.detail))) : null),
    h('div', { class: 'decision-end' },
      h('button', { type: 'button', class: 'button', on: { click: cancel } }, state.problem?.stale ? 'Close' : 'Cancel'),
      state.problem?.stale ? null : h('button', { type: 'submit', class: `button ${s.tone ?? 'primary'}`, 'aria-disabled': state.busy ? 'true' : null }, icon(s.icon), state.busy ? 'Sending' : s.word)));
}
