import { island } from './islands.js';

const PHONE = matchMedia('(max-width: 899.98px)');

/** Long cards are folded on a phone; what somebody opens stays open. */
island('fold', (card) => {
  if (PHONE.matches) card.open = false;
});

/** A file is fetched when its preview is opened. */
island('preview', (card, signal) => {
  card.addEventListener(
    'toggle',
    () => {
      const frame = card.querySelector('iframe');
      if (card.open && !frame.src) frame.src = frame.dataset.src;
    },
    { signal },
  );
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-fullscreen]');
  if (button) document.getElementById(button.dataset.fullscreen)?.requestFullscreen?.();
});
