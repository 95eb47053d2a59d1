import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/diagram-js.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import '../css/diagram.css';

const MARGIN = 24;
const READABLE = 0.55;
const FONTS = getComputedStyle(document.documentElement).getPropertyValue('--house-fonts');

/** Fits the drawing with its labels (the stock call forgets the ones outside), or only some of its elements. */
function fit(canvas, only = []) {
  canvas.zoom('fit-viewport', 'auto');
  const { inner: whole, outer } = canvas.viewbox();
  const inner = only.length ? around(only) : whole;
  const scale = Math.min((outer.width - 2 * MARGIN) / inner.width, (outer.height - 2 * MARGIN) / inner.height, 1);
  canvas.viewbox({
    x: inner.x - (outer.width / scale - inner.width) / 2,
    y: inner.y - (outer.height / scale - inner.height) / 2,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

/** The smallest box around shapes. */
function around(shapes) {
  const left = Math.min(...shapes.map((one) => one.x));
  const top = Math.min(...shapes.map((one) => one.y));
  const width = Math.max(...shapes.map((one) => one.x + one.width)) - left;
  return { x: left, y: top, width, height: Math.max(...shapes.map((one) => one.y + one.height)) - top };
}

async function asked(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer;
}

/** Nothing to mark: a drawing that nobody has started. */
const UNTOUCHED = { done: [], current: [], incidents: [], badges: {} };

async function draw(root, viewer) {
  const { diagram, state: address } = root.dataset;
  const [xml, state] = await Promise.all([
    asked(diagram).then((answer) => answer.text()),
    address ? asked(address).then((answer) => answer.json()) : UNTOUCHED,
  ]);
  await viewer.importXML(xml);
  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  const overlays = viewer.get('overlays');
  root.querySelectorAll('.waiting').forEach((words) => words.remove());
  for (const [ids, marker] of [
    [state.done, 'done'],
    [state.current, 'current'],
    [state.incidents, 'incident'],
  ]) {
    for (const id of ids) if (elements.get(id)) canvas.addMarker(id, marker);
  }
  for (const [id, level] of Object.entries(state.heat ?? {}))
    if (elements.get(id)) canvas.addMarker(id, `heat-${level}`);
  const marks = JSON.parse(root.dataset.marks ?? '{}');
  for (const [mark, ids] of Object.entries(marks))
    for (const id of ids) if (elements.get(id)) canvas.addMarker(id, `mark-${mark}`);
  for (const [id, badge] of Object.entries(state.badges)) {
    if (!elements.get(id)) continue;
    const label = document.createElement('span');
    label.className = `diagram-badge ${badge.kind || ''}`;
    label.textContent = badge.text;
    label.title = badge.text;
    label.style.maxWidth = `${Math.max(elements.get(id).width, 60)}px`;
    overlays.add(id, { position: { top: -22, left: 0 }, html: label });
  }
  const marked = Object.values(marks)
    .flat()
    .map((id) => elements.get(id))
    .filter(Boolean);
  fit(canvas, marked);
  const here = elements.get(state.current[0]);
  if (!marked.length && canvas.zoom() < READABLE && here) {
    canvas.zoom(0.8, { x: here.x + here.width / 2, y: here.y + here.height / 2 });
    canvas.scrollToElement(here, { top: 90, left: 130, right: 130, bottom: 90 });
  }
  root.dataset.ready = 'yes';
}

/**
 * Draws into `root`, which must be visible. Returns the canvas, the function that takes the drawing away, and the promise
 * of the drawing, which fails when the diagram cannot be fetched or read.
 */
export function show(root) {
  const viewer = new NavigatedViewer({
    container: root,
    bpmnRenderer: {
      defaultFillColor: 'var(--diagram-fill)',
      defaultStrokeColor: 'var(--diagram-stroke)',
      defaultLabelColor: 'var(--diagram-text)',
    },
    textRenderer: {
      defaultStyle: { fontFamily: FONTS, fontSize: '12px' },
      externalStyle: { fontSize: '11px' },
    },
  });
  return { canvas: viewer.get('canvas'), drawn: draw(root, viewer), leave: () => viewer.destroy() };
}
