import { diff } from 'bpmn-js-differ';
import { BpmnModdle } from 'bpmn-moddle';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json' with { type: 'json' };
import duban from '../bpmn/duban.json' with { type: 'json' };

/** Returns the ids of elements that were added, removed, changed or moved between two diagrams. */
export async function changedElements(before, after) {
  const [old, now] = await Promise.all([before, after].map(read));
  const found = diff(old, now);
  const ids = (part) => Object.keys(found[part]);
  const changed = new Set(ids('_changed'));
  return {
    added: ids('_added'),
    removed: ids('_removed'),
    changed: [...changed],
    moved: ids('_layoutChanged').filter((id) => !changed.has(id)),
  };
}

async function read(xml) {
  const { rootElement } = await new BpmnModdle({ camunda, duban }).fromXML(xml);
  for (const { plane } of rootElement.diagrams ?? []) {
    if (plane) plane.planeElement = (plane.planeElement ?? []).filter((one) => one.bpmnElement);
  }
  return rootElement;
}
