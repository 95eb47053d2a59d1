/**
 * Mounts `mount(element, signal)` on every element that carries `data-island="name"`, also on those that are swapped in.
 * When the element leaves the page the signal aborts, and what `mount` returned is called.
 */
export function island(name, mount) {
  const mounted = new Map();
  const scan = () => {
    for (const [element, leave] of mounted) {
      if (element.isConnected) continue;
      mounted.delete(element);
      leave();
    }
    for (const element of document.querySelectorAll(`[data-island~="${name}"]`)) {
      if (mounted.has(element)) continue;
      const presence = new AbortController();
      const leave = mount(element, presence.signal);
      mounted.set(element, () => {
        presence.abort();
        leave?.();
      });
    }
  };
  onContent(scan);
}

/** Calls `look` for the content of the page, and again whenever something was swapped in or placed. */
export function onContent(look) {
  look();
  document.addEventListener('htmx:after:swap', look);
  document.addEventListener('duban:placed', look);
}

/** Puts nodes or HTML into a place of the page, alive: htmx and the islands see them. */
export function place(target, content) {
  if (typeof content === 'string') target.innerHTML = content;
  else target.replaceChildren(content);
  window.htmx?.process(target);
  document.dispatchEvent(new Event('duban:placed'));
}

export const csrf = () => document.querySelector('meta[name=csrf-token]').content;
