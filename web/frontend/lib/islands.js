/**
 * Mounts `mount(element)` on every element that carries `data-island="name"`, also on those that htmx swaps in.
 * What `mount` returns is called when the element leaves the page.
 */
export function island(name, mount) {
  const mounted = new Map();
  const scan = () => {
    for (const [element, leave] of mounted) {
      if (element.isConnected) continue;
      mounted.delete(element);
      leave?.();
    }
    for (const element of document.querySelectorAll(`[data-island~="${name}"]`)) {
      if (!mounted.has(element)) mounted.set(element, mount(element));
    }
  };
  scan();
  document.addEventListener('htmx:after:swap', scan);
}

export const csrf = () => document.querySelector('meta[name=csrf-token]').content;
