import { layoutProcess } from 'bpmn-auto-layout';
import { BpmnModdle } from 'bpmn-moddle';

/** Lays a diagram out anew, and mends what bpmn-auto-layout leaves: lines on top of each other, labels, margin. */

const STEP = 22;
const MARGIN = 60;
const NEAR = 4;
const SHARED = 5;
const LABEL_HEIGHT = 14;
const MOST_STEPS = 12;

/** Chinese letters are about twice as wide as Latin ones at the labels' size of 11 pixels. */
const widthOf = (text) => [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) > 255 ? 11 : 6), 4);

/** Returns the diagram with a new drawing of each process. Pools and lanes are not laid out: see `canLayOut`. */
export async function layOut(xml, extensions) {
  const moddle = new BpmnModdle(extensions);
  const connected = await connect(moddle, xml);
  const { rootElement } = await moddle.fromXML(await layoutProcess(connected));
  for (const { plane } of rootElement.diagrams ?? []) mend(moddle, plane.planeElement ?? []);
  return (await moddle.toXML(rootElement, { format: true })).xml;
}

/** Names at each node the flows that come and go, which the standard leaves out at will and the layout goes by. */
async function connect(moddle, xml) {
  const { rootElement } = await moddle.fromXML(xml);
  for (const flow of flowsIn(rootElement.rootElements)) {
    add(flow.sourceRef, 'outgoing', flow);
    add(flow.targetRef, 'incoming', flow);
  }
  return (await moddle.toXML(rootElement)).xml;
}

const flowsIn = (elements = []) =>
  elements.flatMap((one) => (one.$type === 'bpmn:SequenceFlow' ? [one] : flowsIn(one.flowElements)));

function add(node, side, flow) {
  const known = node?.get(side);
  if (known && !known.includes(flow)) known.push(flow);
}

/** Says whether a diagram can be laid out without losing pools, lanes or an expanded subprocess. */
export function canLayOut(definitions) {
  const inside = (element) => [element, ...(element.flowElements ?? []).flatMap(inside)];
  return definitions.rootElements.every((root) => {
    if (root.$type === 'bpmn:Collaboration') return false;
    if (root.$type !== 'bpmn:Process') return true;
    return !root.laneSets?.length && inside(root).every((one) => one === root || !one.flowElements?.length);
  });
}

function mend(moddle, drawn) {
  const edges = drawn.filter((one) => one.$type === 'bpmndi:BPMNEdge');
  const shapes = drawn.filter((one) => one.$type === 'bpmndi:BPMNShape');
  separate(edges);
  moveInside([...shapes.map((one) => one.bounds), ...edges.flatMap((one) => one.waypoint)]);
  for (const edge of edges) labelEdge(moddle, edge);
  for (const shape of shapes) labelShape(moddle, shape, edges);
}

const segmentsOf = (edge) =>
  edge.waypoint.slice(1).map((to, index) => ({ edge, index, from: edge.waypoint[index], to }));
const isLevel = ({ from, to }) => Math.abs(from.y - to.y) < 1;
const lengthOf = ({ from, to }) => Math.abs(from.x - to.x);

/** Moves the inner stretches of lines that lie on another line, the longer ones further out. */
function separate(edges) {
  const placed = [];
  const inner = edges.flatMap((edge) =>
    segmentsOf(edge).filter((one) => isLevel(one) && one.index > 0 && one.index < edge.waypoint.length - 2),
  );
  for (const segment of inner.sort((one, other) => lengthOf(one) - lengthOf(other))) {
    for (let step = 0; step < MOST_STEPS && placed.some((one) => coincide(one, segment)); step += 1) {
      segment.from.y += STEP;
      segment.to.y = segment.from.y;
    }
    placed.push(segment);
  }
}

function coincide(one, other) {
  if (one.edge === other.edge || Math.abs(one.from.y - other.from.y) > NEAR) return false;
  const left = Math.max(Math.min(one.from.x, one.to.x), Math.min(other.from.x, other.to.x));
  const right = Math.min(Math.max(one.from.x, one.to.x), Math.max(other.from.x, other.to.x));
  return right - left > SHARED;
}

function moveInside(points) {
  if (!points.length) return;
  const x = MARGIN - Math.min(...points.map((point) => point.x));
  const y = MARGIN - Math.min(...points.map((point) => point.y));
  for (const point of points) {
    point.x += x;
    point.y += y;
  }
}

function setLabel(moddle, drawn, x, y, width) {
  const bounds = moddle.create('dc:Bounds', { x: Math.round(x), y: Math.round(y), width, height: LABEL_HEIGHT });
  drawn.label = moddle.create('bpmndi:BPMNLabel', { bounds });
  drawn.label.$parent = drawn;
  bounds.$parent = drawn.label;
}

function labelEdge(moddle, edge) {
  const name = edge.bpmnElement?.name;
  if (!name) return;
  const width = widthOf(name);
  const segments = segmentsOf(edge);
  const segment = segments.find((one) => isLevel(one) && lengthOf(one) > width) ?? segments[0];
  const left = Math.min(segment.from.x, segment.to.x);
  if (!isLevel(segment)) setLabel(moddle, edge, segment.from.x + 6, (segment.from.y + segment.to.y) / 2 - 7, width);
  else if (segments.length > 1) setLabel(moddle, edge, left + 14, segment.from.y - 17, width);
  else setLabel(moddle, edge, left + (lengthOf(segment) - width) / 2, segment.from.y - 17, width);
}

/** Events and gateways carry their names outside: below, or above where a line comes or goes below. */
function labelShape(moddle, shape, edges) {
  const { name, $type } = shape.bpmnElement ?? {};
  if (!name || !/Event$|Gateway$/.test($type)) return;
  const { x, y, width, height } = shape.bounds;
  const middle = x + width / 2;
  const isBelow = (point) => Math.abs(point.x - middle) < NEAR && Math.abs(point.y - y - height) < NEAR;
  const taken = edges.some(({ waypoint }) => isBelow(waypoint[0]) || isBelow(waypoint.at(-1)));
  setLabel(moddle, shape, middle - widthOf(name) / 2, taken ? y - LABEL_HEIGHT - 5 : y + height + 5, widthOf(name));
}
