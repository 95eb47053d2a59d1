import { island } from '../lib/islands.js';

/** Says that the drawing did not come; the timeline beside it tells the same. */
function refuse(root) {
  const words = document.createElement('p');
  words.className = 'waiting m-0';
  words.setAttribute('role', 'status');
  words.textContent = root.dataset.failed;
  root.replaceChildren(words);
}

/** Fetched only where there are fingers; the page keeps scrolling over the drawing. */
async function moveByFingers(canvas) {
  const { followFingers } = await import('../lib/fingers.js');
  followFingers(canvas, { touch: 'pan-y' });
}

/** The diagram's code is fetched when its card scrolls into view: most people decide without it. */
island('diagram', (root) => {
  let leave = null;
  const watcher = new IntersectionObserver(
    async (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      try {
        const { show } = await import('./diagram.js');
        if (!root.isConnected) return;
        const drawing = show(root);
        leave = drawing.leave;
        if (matchMedia('(any-pointer: coarse)').matches) moveByFingers(drawing.canvas);
        await drawing.drawn;
      } catch {
        if (root.isConnected) refuse(root);
      }
    },
    { rootMargin: '200px' },
  );
  watcher.observe(root);
  return () => {
    watcher.disconnect();
    leave?.();
  };
});
