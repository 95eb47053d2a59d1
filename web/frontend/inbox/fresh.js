/** A page that has been open for long learns of what happened meanwhile; what was typed goes along. */
import { island, place } from '../lib/islands.js';
import { pane } from './pane.js';

const EVERY = 30_000;
const OWN = new Set(['csrf_token', 'version', 'key', 'draft_version']);

const fields = () =>
  [...document.querySelectorAll('#task [name], [form=task][name]')].filter((one) => !OWN.has(one.name));

/** What the person has typed or chosen, by field. */
function typed() {
  return fields()
    .filter((one) => !['file', 'submit', 'hidden'].includes(one.type))
    .map((one) => ({ name: one.name, value: one.value, checked: one.checked, type: one.type }));
}

function refill(kept) {
  for (const one of kept) {
    const boxed = ['checkbox', 'radio'].includes(one.type);
    const field = fields().find((other) => other.name === one.name && (!boxed || other.value === one.value));
    if (!field) continue;
    if (boxed) field.checked = one.checked;
    else field.value = one.value;
  }
}

async function refresh(detail) {
  const answer = await fetch(detail.dataset.address, {
    headers: { 'HX-Request-Type': 'partial', 'HX-Request': 'true' },
  });
  if (!answer.ok || !detail.isConnected) return;
  const kept = typed();
  const top = pane().scrollTop;
  place(pane(), await answer.text());
  refill(kept);
  pane().scrollTop = top;
}

/** Offers to refresh; nothing is exchanged under somebody's hands. */
function offer(detail) {
  if (detail.querySelector('.fresh')) return;
  const line = document.createElement('div');
  line.className = 'notice plain fresh';
  line.setAttribute('role', 'status');
  const words = document.createElement('span');
  words.textContent = detail.dataset.words;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn btn-sm';
  button.textContent = detail.dataset.refresh;
  button.onclick = () => refresh(detail);
  line.append(words, button);
  detail.querySelector('.meta').after(line);
}

island('fresh', (detail, signal) => {
  const ask = async () => {
    if (document.hidden) return;
    const answer = await fetch(detail.dataset.pulse, { headers: { Accept: 'application/json' }, signal }).catch(
      () => null,
    );
    if (answer?.ok && (await answer.json()).changed) offer(detail);
  };
  const clock = setInterval(ask, EVERY);
  document.addEventListener('visibilitychange', ask, { signal });
  return () => clearInterval(clock);
});
