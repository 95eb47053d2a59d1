import { island } from './islands.js';

/** The diagram's code is fetched when its card scrolls into view: most people decide without it. */
island('diagram', (root) => {
  let leave = null;
  const watcher = new IntersectionObserver(
    async (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      const { show } = await import('./diagram.js');
      if (root.isConnected) leave = show(root);
    },
    { rootMargin: '200px' },
  );
  watcher.observe(root);
  return () => {
    watcher.disconnect();
    leave?.();
  };
});
