/** The list and what is open beside it: which row is next, and what is shown when there is none. */
import { place } from '../lib/islands.js';
import { complainUnopened } from '../lib/toasts.js';

export const pane = () => document.getElementById('pane');
const list = () => document.querySelector('.split > .list');
const rows = () => [...document.querySelectorAll('[data-row]:not([hidden])')];
export const rowOf = (slot) => document.querySelector(`[data-row][data-slot="${slot}"]`);

/** Goes on to the row after this one, else to the first; an empty list says that everything is done. */
export function openNext(row) {
  const all = rows();
  const at = all.indexOf(row);
  if (row) row.hidden = true;
  const next = all[at + 1] ?? all.find((other) => other !== row);
  if (next) {
    next.click();
    return;
  }
  place(pane(), document.getElementById('nothing-open').content.cloneNode(true));
  sayWhenEmpty();
  document.body.classList.replace('showing-detail', 'showing-list');
  history.pushState(null, '', list().dataset.address);
}

/** How many requests for the pane are on their way: until the last has come, nobody decides on what it still shows. */
let opening = 0;
const intoPane = (event) => event.detail?.ctx?.target === pane() && pane();

document.addEventListener('htmx:before:request', (event) => {
  if (!intoPane(event)) return;
  opening += 1;
  pane().inert = true;
});

document.addEventListener('htmx:finally:request', (event) => {
  if (!intoPane(event)) return;
  opening -= 1;
  pane().inert = opening > 0;
});

document.addEventListener('htmx:error', (event) => {
  if (!intoPane(event)) return;
  complainUnopened(event.detail.ctx.sourceElement.href);
  markOpen();
  document.body.classList.replace('showing-detail', 'showing-list');
});

/** Gives up what is on its way into the pane. */
export function stopOpening() {
  for (const row of document.querySelectorAll('[data-row].htmx-request')) window.htmx.trigger(row, 'htmx:abort');
}

/** Shows "all done" when every row of the list is hidden. */
export function sayWhenEmpty() {
  const words = list()?.querySelector('[data-all-done]');
  if (words) words.hidden = rows().length > 0;
}

/** Shows what was in the pane before, and its address. */
export function showAgain(kept, address) {
  pane().inert = false;
  place(pane(), kept);
  history.replaceState(null, '', address);
  markOpen();
  document.body.classList.replace('showing-list', 'showing-detail');
  pane().querySelector('.detail h1')?.focus();
}

/** Marks the row whose page is open beside it. */
function markOpen() {
  for (const row of document.querySelectorAll('[data-row]')) {
    if (row.pathname === location.pathname) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  }
}

/** Asks for the list again, keeping what is open, chosen and scrolled to. */
export async function refreshList() {
  if (!list()?.dataset.address) return;
  await window.htmx.ajax('GET', list().dataset.address, { target: list(), swap: 'innerMorph' });
}

document.addEventListener('htmx:after:swap', (event) => {
  const target = event.detail?.ctx?.target;
  if (target === pane()) {
    pane().inert = false;
    markOpen();
    if (document.activeElement === document.body || document.activeElement?.matches('[data-row]')) {
      pane()
        .querySelector('.detail h1')
        ?.focus({ preventScroll: !matchMedia('(max-width: 899.98px)').matches });
    }
  }
  if (target === list()) markOpen();
});

let known = document.querySelector('[data-counter]')?.textContent.trim();
document.addEventListener('htmx:after:swap', () => {
  const now = document.querySelector('[data-counter]')?.textContent.trim();
  if (now === known) return;
  known = now;
  refreshList();
});
