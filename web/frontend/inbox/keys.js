import { choose, openBatch } from './batch.js';
import { confirmDecision } from '../lib/dialogs.js';
import { addKeys, press } from '../lib/keys.js';
import { takeBackLatest } from './undo.js';

/** Keys of the inbox: going through the list, and what opens a decision. */
const rows = () => [...document.querySelectorAll('[data-row]')];

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

addKeys({
  j: () => move(1),
  k: () => move(-1),
  a: () => openBatch() || (press('agree') && confirmDecision(press('agree'))),
  d: () => press('reject') && confirmDecision(press('reject')),
  x: () => choose(rows().find((row) => row === document.activeElement || row.hasAttribute('aria-current'))),
  z: () => takeBackLatest(),
  r: () => press('return')?.click(),
});

document.addEventListener('click', (event) => {
  const row = event.target.closest('[data-row]');
  if (!row) return;
  rows().forEach((other) => other.toggleAttribute('aria-current', other === row));
  row.classList.remove('unread');
  document.body.classList.replace('showing-list', 'showing-detail');
});
