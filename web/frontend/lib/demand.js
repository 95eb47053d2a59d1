/**
 * What only some pages need (`task/`) is fetched when one of its elements is there, or a row is opened that brings them.
 * Until it has come nothing is lost: the latest click is kept, and what was typed or chosen is told again.
 */
import { onContent } from './islands.js';

const ISLANDS = ['compare', 'diagram', 'draft', 'mentions', 'rows', 'signature', 'ticks'];
// In `compare` and `rows` early buttons are hidden or do the same by a round trip.
const PRESSED = '[data-phrase], a[data-look]';
const NEEDED_BY = [...ISLANDS.map((name) => `[data-island~=${name}]`), PRESSED, '[data-upload]'].join();

let fetching = null;

function fetchOnce() {
  if (fetching) return;
  const tell = keep();
  fetching = import('../task/index.js')
    .catch(() => (fetching = null)) // no network: asked for again with the next content
    .finally(tell);
}

/** Keeps what is done too early; returns what repeats it. */
function keep() {
  const changed = new Map();
  let pressed = null;
  const early = new AbortController();
  const options = { capture: true, signal: early.signal };
  const note = (event) => {
    if (event.target.closest(NEEDED_BY)) changed.set(event.target, event.type);
  };
  addEventListener('input', note, options);
  addEventListener('change', note, options);
  addEventListener(
    'click',
    (event) => {
      const button = event.target.closest(PRESSED);
      if (!button) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      pressed = button;
    },
    options,
  );
  return () => {
    early.abort();
    for (const [field, type] of changed) field.dispatchEvent(new Event(type, { bubbles: true }));
    pressed?.click();
  };
}

onContent(() => document.querySelector(NEEDED_BY) && fetchOnce());
document.addEventListener('click', (event) => event.target.closest('[data-row]') && fetchOnce());
