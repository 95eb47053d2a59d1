/** Keys, wherever nobody is typing. None of them decides by itself: each opens what still has to be confirmed. */
import { confirmDecision } from './dialogs.js';

/** The button of an action; none while another task is on its way into the pane. */
export const press = (action) =>
  document.querySelector('[data-row].htmx-request') ? null : document.querySelector(`[data-key="${action}"]`);

const actions = {
  c: () => press('comment')?.focus(),
  u: () => press('urge') && confirmDecision(press('urge')),
  '/': () => (document.querySelector('main [type=search]') ?? document.getElementById('search'))?.focus(),
  '?': () => document.getElementById('help')?.showModal(),
};

/** Adds the keys of a page. */
export const addKeys = (more) => Object.assign(actions, more);

document.addEventListener('keydown', (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
