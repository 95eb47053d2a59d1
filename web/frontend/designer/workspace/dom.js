/** Makes an element: `on…` are listeners, `class`, `data-…` and the like attributes, booleans switch them. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name === 'html') made.innerHTML = value;
    else if (name === 'value') made.value = value;
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/**
 * Calls `act` once nothing has asked for it for `wait` milliseconds. `now()` does at once what waits and resolves when it
 * is done, `waits()` says whether something is still to be done or being done, `stop()` forgets what waits.
 */
export function settled(act, wait) {
  let timer = 0;
  let running = null;
  const run = () => {
    timer = 0;
    const mine = Promise.resolve(act()).finally(() => {
      if (running === mine) running = null;
    });
    running = mine;
    return mine;
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
  later.now = () => {
    if (!timer) return running;
    clearTimeout(timer);
    return run();
  };
  later.waits = () => timer !== 0 || running !== null;
  later.stop = () => {
    clearTimeout(timer);
    timer = 0;
  };
  return later;
}
