import { island } from '../lib/islands.js';

/** One box ticks a whole group, and says how many of it are ticked. */
island('ticks', (group, signal) => {
  const all = group.querySelector('[data-all]');
  const boxes = [...group.querySelectorAll('input[type=checkbox]:not([data-all])')];
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    group.querySelector('[data-ticked]').textContent = ticked;
  };
  group.addEventListener(
    'change',
    (event) => {
      if (event.target === all) boxes.forEach((box) => (box.checked = all.checked));
      show();
    },
    { signal },
  );
  show();
});
