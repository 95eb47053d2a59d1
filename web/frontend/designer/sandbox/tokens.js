const KIND = 'duban-token';
const MARKS = { waiting: 'token-here', failed: 'token-failed' };
const ALL = ['token-here', 'token-passed', 'token-failed'];
const drawn = new WeakMap();

/** Draws on a diagram where the tokens of these instances are, what they have passed, and where something failed. */
export function drawTokens(modeler, instances) {
  if (!modeler) return;
  const elements = modeler.get('elementRegistry');
  const canvas = modeler.get('canvas');
  const overlays = modeler.get('overlays');
  for (const id of drawn.get(modeler) ?? []) {
    if (elements.get(id)) for (const mark of ALL) canvas.removeMarker(id, mark);
  }
  overlays.remove({ type: KIND });
  const marked = new Set();
  const mark = (id, name) => {
    if (!elements.get(id)) return;
    canvas.addMarker(id, name);
    marked.add(id);
  };
  const count = new Map();
  for (const { done, flows, tokens } of instances) {
    for (const id of [...done, ...flows]) mark(id, 'token-passed');
    for (const { element, state } of tokens.filter((one) => MARKS[one.state])) {
      mark(element, MARKS[state]);
      count.set(element, (count.get(element) ?? 0) + 1);
    }
  }
  for (const [id, number] of count) {
    if (!elements.get(id)) continue;
    const label = document.createElement('span');
    label.className = 'token-mark';
    label.textContent = number > 1 ? `●×${number}` : '●';
    overlays.add(id, KIND, { position: { top: -10, left: -10 }, html: label });
  }
  drawn.set(modeler, marked);
}
