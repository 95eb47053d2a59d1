import { island } from '../lib/islands.js';

/** Says that the drawing did not come; the timeline beside it tells the same. */
function refuse(root) {
  const words = document.createElement('p');
  words.className = 'waiting m-0';
  words.setAttribute('role', 'status');
  words.textContent = root.dataset.failed;
  root.replaceChildren(words);
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
