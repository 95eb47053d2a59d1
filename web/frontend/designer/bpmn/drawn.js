import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import duban from './duban.json';

/** What the reader of diagrams has to know beside BPMN. */
export const EXTENSIONS = { camunda, duban };

const DRAWING = /<(?:\w+:)?BPMNDiagram\b/;

/** Returns a diagram with a drawing: its own, or one that is laid out where a file has none. */
export async function withDrawing(xml) {
  if (DRAWING.test(xml)) return xml;
  const { layOut } = await import('./layout.js');
  return layOut(xml, EXTENSIONS);
}
