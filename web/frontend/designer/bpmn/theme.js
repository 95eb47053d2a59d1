const MARGIN = 40;
const READABLE = 0.45;
const ON_PHONE = 0.8;
const PHONE = 600;
const SMALLEST = 0.2;
const BESIDE_PALETTE = 40;

/** Colours and fonts of drawings: the page's own, so that they follow light and dark. */
export function diagramTheme() {
  const fonts = getComputedStyle(document.documentElement).getPropertyValue('--house-fonts');
  return {
    bpmnRenderer: {
      defaultFillColor: 'var(--diagram-fill)',
      defaultStrokeColor: 'var(--diagram-stroke)',
      defaultLabelColor: 'var(--diagram-text)',
    },
    textRenderer: {
      defaultStyle: { fontFamily: fonts, fontSize: '12px' },
      externalStyle: { fontSize: '11px' },
    },
  };
}

/**
 * Shows the whole drawing with its labels, right of a palette that covers `left` pixels; where that would be
 * too small to read, its beginning; `small` drawings are looked at as a whole.
 */
export function fit(canvas, left = 0, { small = false } = {}) {
  const { inner, outer } = canvas.viewbox();
  if (!outer.width || !outer.height || !inner.width) return;
  const wide = outer.width - left - 2 * MARGIN;
  const whole = Math.min(wide / inner.width, (outer.height - 2 * MARGIN) / inner.height, 1);
  const readable = outer.width < PHONE ? ON_PHONE : READABLE;
  const least = small ? SMALLEST : readable;
  const scale = Math.max(whole, least);
  const across = whole < least ? 0 : (wide - inner.width * scale) / 2;
  const moved = left ? Math.min(across, BESIDE_PALETTE) : across;
  const down = (outer.height - inner.height * scale) / 2;
  canvas.viewbox({
    x: inner.x - (left + MARGIN + moved) / scale,
    y: inner.y - Math.max(down, MARGIN) / scale,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}
