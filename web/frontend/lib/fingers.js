const SMALLEST = 0.2;
const LARGEST = 4;

/**
 * Lets fingers on `container` move what `canvas` shows, and two of them zoom it: the libraries of bpmn.io hear only the
 * mouse. `touch` is what the browser keeps doing by itself: `none`, or `pan-y` where the page scrolls over the drawing.
 */
export function followFingers(canvas, { touch = 'none' } = {}) {
  const container = canvas.getContainer();
  const fingers = new Map();
  container.style.touchAction = touch;

  container.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'touch') fingers.set(event.pointerId, placeOf(event));
  });
  container.addEventListener('pointermove', (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = spread([...fingers.values()]);
    fingers.set(event.pointerId, placeOf(event));
    const after = spread([...fingers.values()]);
    canvas.scroll({ dx: after.x - before.x, dy: after.y - before.y });
    if (fingers.size > 1 && before.apart) zoom(canvas, after.apart / before.apart, after);
  });
  for (const end of ['pointerup', 'pointercancel']) {
    container.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }

  function placeOf({ clientX, clientY }) {
    const { left, top } = container.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }
}

/** Where the first two fingers are between them, and how far apart. */
function spread([one, other = one]) {
  return {
    x: (one.x + other.x) / 2,
    y: (one.y + other.y) / 2,
    apart: Math.hypot(one.x - other.x, one.y - other.y),
  };
}

function zoom(canvas, factor, { x, y }) {
  canvas.zoom(Math.min(Math.max(canvas.zoom() * factor, SMALLEST), LARGEST), { x, y });
}
