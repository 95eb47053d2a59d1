import { choose, openBatch } from './batch.js';
import { confirmDecision } from './dialogs.js';
import { takeBackLatest } from './undo.js';

/** Keys of the inbox. None of them decides by itself: each opens what still has to be confirmed. */
const rows = () => [...document.querySelectorAll('[data-row]')];
const press = (action) => document.querySelector(`[data-key="${action}"]`);

function move(step) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row === document.activeElement || row.hasAttribute('aria-current'));
  const next = all[Math.max(0, Math.min(all.length - 1, here + step))];
  all.forEach((row) => row.removeAttribute('aria-current'));
  next.setAttribute('aria-current', 'true');
  next.focus();
  if (matchMedia('(min-width: 900px)').matches) next.click();
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  a: () => openBatch() || (press('agree') && confirmDecision(press('agree'))),
  d: () => press('reject') && confirmDecision(press('reject')),
  x: () => choose(rows().find((row) => row === document.activeElement || row.hasAttribute('aria-current'))),
  z: () => takeBackLatest(),
  r: () => press('return')?.click(),
  c: () => press('comment')?.focus(),
  u: () => press('urge') && confirmDecision(press('urge')),
  '/': () => (document.querySelector('main [type=search]') ?? document.getElementById('search'))?.focus(),
  '?': () => document.getElementById('help')?.showModal(),
};

document.addEventListener('keydown', (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener('click', (event) => {
  const row = event.target.closest('[data-row]');
  if (!row) return;
  rows().forEach((other) => other.toggleAttribute('aria-current', other === row));
  row.classList.remove('unread');
  document.body.classList.replace('showing-list', 'showing-detail');
});
