/**
 * A decision waits a few seconds here before it is sent, so that it can be taken back. It is rehearsed on the server
 * first: what would be refused is refused at once. Leaving the page sends what is waiting; without JavaScript, when
 * the script of every page did not come, or with `data-undo="0"` on the body, the form is posted as it is.
 */
import { csrf, place } from '../lib/islands.js';
import { complain, complainUnsent, toast } from '../lib/toasts.js';
import { openNext, pane, refreshList, rowOf, sayWhenEmpty, showAgain, stopOpening } from './pane.js';

const KEPT_ALIVE = 60_000; // bytes: browsers send 64 KiB after a page is gone

const TOLD = '[role=alert], [role=status]';

const waiting = new Set();
const shownSlot = () => pane().querySelector('.detail')?.dataset.slot;
const seconds = () => Number(document.body.dataset.undo || 0);

function send(address, body, { rehearsal = false, keepalive = false } = {}) {
  const headers = { 'X-CSRFToken': csrf(), Accept: rehearsal ? 'text/html' : 'application/json' };
  if (rehearsal) Object.assign(headers, { 'X-Rehearsal': '1', 'HX-Request-Type': 'partial', 'HX-Request': 'true' });
  return fetch(address, { method: 'POST', body, headers, keepalive });
}

function weight(body) {
  let bytes = 0;
  for (const value of body.values()) bytes += value.size ?? new Blob([value]).size;
  return bytes;
}

async function rehearse(form, body, decided) {
  const answer = await send(form.action, body, { rehearsal: true });
  if (answer.ok) return answer.json();
  const html = await answer.text();
  const dialog = form.closest('dialog');
  const inDialog = dialog && !answer.headers.has('HX-Retarget');
  if (dialog && !inDialog) dialog.close();
  if (!inDialog && shownSlot() !== decided.slot) {
    const page = new DOMParser().parseFromString(html, 'text/html');
    complain(page.querySelector(TOLD)?.textContent.trim() ?? String(answer.status), decided.page);
    return null;
  }
  place(inDialog ? dialog.querySelector('.inside') : pane(), html);
  (inDialog ? dialog : pane()).querySelector(TOLD)?.scrollIntoView({ block: 'nearest' });
  return null;
}

async function decide(form, body) {
  if (form.dataset.sent) return;
  form.dataset.sent = 'yes';
  const decided = { slot: shownSlot(), page: location.href };
  try {
    const told = await rehearse(form, body, decided);
    if (told) hold(form, body, told.sentence, decided);
  } catch {
    complainUnsent();
  } finally {
    delete form.dataset.sent;
  }
}

/** Lets a decision wait; who has opened another task while it was rehearsed stays there. */
function hold(form, body, sentence, { slot, page }) {
  form.closest('dialog')?.close();
  const stillShown = shownSlot() === slot;
  const kept = document.createDocumentFragment();
  if (stillShown) kept.append(...pane().childNodes);
  const one = {
    address: form.action,
    body,
    kept,
    row: rowOf(slot),
    page,
    line: toast('undo-toast', sentence),
  };
  const left = one.line.querySelector('[data-left]');
  let remaining = seconds();
  left.textContent = Math.ceil(remaining);
  one.line.style.setProperty('--undo', `${remaining}s`);
  one.clock = setInterval(() => {
    remaining -= 1;
    left.textContent = Math.max(0, Math.ceil(remaining));
  }, 1000);
  one.timer = setTimeout(() => commit(one), remaining * 1000);
  one.line.querySelector('[data-take-back]').onclick = () => takeBack(one);
  waiting.add(one);
  if (stillShown) openNext(one.row);
  else hideWhatWaits();
}

/** Hides the rows of decisions that wait, also after the list was asked for again. */
function hideWhatWaits() {
  for (const one of waiting) {
    one.row = one.row?.isConnected ? one.row : rowOf(one.row?.dataset.slot);
    if (one.row) one.row.hidden = true;
  }
  sayWhenEmpty();
}

function stopWaiting(one) {
  clearTimeout(one.timer);
  clearInterval(one.clock);
  one.line.remove();
  return waiting.delete(one);
}

function takeBack(one) {
  if (!stopWaiting(one)) return;
  stopOpening();
  if (one.row) one.row.hidden = false;
  sayWhenEmpty();
  if (one.kept.hasChildNodes()) showAgain(one.kept, one.page);
  else one.row?.click();
}

async function commit(one, options) {
  if (!stopWaiting(one)) return;
  try {
    const answer = await send(one.address, one.body, options);
    if (answer.ok) one.row?.remove();
    else await refused(one, answer);
  } catch {
    if (one.row) one.row.hidden = false;
    complainUnsent(one.page);
  }
  for (const counter of document.querySelectorAll('[data-counter]')) window.htmx.trigger(counter, 'refresh');
  await refreshList();
}

async function refused(one, answer) {
  if (one.row) one.row.hidden = false;
  const problem = await answer.json().catch(() => ({}));
  complain(problem.detail ?? String(answer.status), one.page);
}

/** Takes the latest decision back that is still waiting. */
export const takeBackLatest = () => waiting.size && takeBack([...waiting].at(-1));

/** Sends everything that waits and returns when it has arrived. */
const sendAll = () => Promise.allSettled([...waiting].map((one) => commit(one)));

document.addEventListener(
  'submit',
  (event) => {
    const { target: form, submitter } = event;
    if (!submitter?.hasAttribute('data-undo') || !seconds() || !pane() || !window.htmx) return;
    const body = new FormData(form, submitter);
    if (weight(body) > KEPT_ALIVE) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    decide(form, body);
  },
  true,
);

document.addEventListener('htmx:after:swap', hideWhatWaits);

/** Another page shows what was decided: it is opened once the decisions have arrived. */
document.addEventListener('click', (event) => {
  const link = event.target.closest(
    'a[href]:not([data-row], [data-dialog], [data-look], [data-close], [target], [download])',
  );
  if (!waiting.size || !link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  sendAll().then(() => location.assign(link.href));
});

addEventListener('pagehide', () => {
  for (const one of [...waiting]) if (stopWaiting(one)) send(one.address, one.body, { keepalive: true });
});
