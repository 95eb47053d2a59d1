import { place } from './islands.js';
import { complainUnopened } from './toasts.js';

/** Links with `data-dialog` open their page's form in a dialog; without JavaScript they are ordinary links. */
const sheet = () => document.getElementById('sheet');

let latest = null;

/** Opens the page's form in the dialog; of two that are asked for at once, the later. */
export async function openSheet(address) {
  const asked = (latest = Symbol(address));
  let html;
  try {
    const answer = await fetch(address, { headers: { 'HX-Request-Type': 'partial', 'HX-Request': 'true' } });
    html = await answer.text();
  } catch {
    complainUnopened();
    return;
  }
  const dialog = sheet();
  if (asked !== latest) return;
  place(dialog.querySelector('.inside'), html);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector('[autofocus], input:not([type=hidden]), select, textarea, button')?.focus();
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-dialog]');
  if (link) {
    event.preventDefault();
    openSheet(link.href);
    return;
  }
  const opener = event.target.closest('[data-opens]');
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  // On a page of its own the same link leads away.
  if (event.target.closest('dialog [data-close]')) {
    event.preventDefault();
    event.target.closest('dialog')?.close();
  }
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

/** Asks before a decision: the button's own words, and nothing happens without the second click. */
export function confirmDecision(button) {
  const dialog = document.getElementById('confirm');
  dialog.querySelector('[data-words]').textContent = button.dataset.confirm;
  const yes = dialog.querySelector('[data-yes]');
  yes.textContent = button.textContent.trim();
  yes.onclick = () => {
    dialog.close();
    button.dataset.confirmed = 'yes';
    button.form?.requestSubmit(button);
  };
  dialog.showModal();
  yes.focus();
}

/** A click on a button that asks; without JavaScript the page around it has asked already. */
document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-asks]');
  if (!button) return;
  event.preventDefault();
  if (button.form.reportValidity()) confirmDecision(button);
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === 'post' && !form.hasAttribute('hx-post')) form.dataset.sent = 'yes';
});
window.addEventListener('pageshow', () =>
  document.querySelectorAll('form[data-sent]').forEach((f) => delete f.dataset.sent),
);

/** Filters apply as soon as one is changed; the button is there without JavaScript. */
document.addEventListener('change', (event) => event.target.closest('form[data-autosubmit]')?.requestSubmit());
