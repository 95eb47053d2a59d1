/** Choosing rows to agree to together: one process at a time; the sheet lists them and asks for one opinion. */
import { openSheet } from '../lib/dialogs.js';

const form = () => document.querySelector('form[data-batch]');
const boxes = () => [...document.querySelectorAll('input[form=batch]')];
const chosen = () => boxes().filter((box) => box.checked);

function count() {
  const words = form()?.querySelector('[data-chosen]');
  if (!words) return;
  words.dataset.hint ??= words.textContent;
  const all = chosen();
  words.textContent = all.length ? words.dataset.words.replace('{n}', all.length) : words.dataset.hint;
  for (const box of boxes()) box.disabled = all.length > 0 && box.dataset.process !== all[0].dataset.process;
}

/** Ticks the box of a row, or clears it. */
export function choose(row) {
  const box = row?.parentElement.querySelector('input[form=batch]:not(:disabled)');
  if (!box) return;
  box.checked = !box.checked;
  count();
}

/** Opens the sheet when something is chosen; says whether it did. */
export function openBatch() {
  if (!chosen().length) return false;
  openSheet(`${form().action}?${new URLSearchParams(new FormData(form()))}`);
  return true;
}

document.addEventListener('change', (event) => event.target.matches('input[form=batch]') && count());
// A list that was asked for again keeps its ticks, not the words.
document.addEventListener('htmx:after:swap', count);
document.addEventListener('submit', (event) => {
  if (event.target !== form() || !openBatch()) return;
  event.preventDefault();
});
