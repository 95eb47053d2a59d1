import { is } from 'bpmn-js/lib/util/ModelUtil';

const REFERENCES = new Set(['default', 'attachedToRef']);

/** Does the changes of a finding's fix (docs/designer-api.md, "Checking") in their order, each undoable. */
export function applyFix(modeler, changes) {
  const elements = modeler.get('elementRegistry');
  for (const change of changes) {
    const element = elements.get(change.element);
    if (element) DO[change.op]?.(modeler, element, change, elements);
  }
}

const DO = {
  set(modeler, element, { property, value }, elements) {
    const given = REFERENCES.has(property) ? elements.get(value)?.businessObject : value;
    modeler.get('modeling').updateProperties(element, { [property]: given ?? undefined });
  },
  rename(modeler, element, { value }) {
    modeler.get('modeling').updateProperties(element, { id: value });
  },
  remove(modeler, element) {
    modeler.get('modeling').removeElements([element]);
  },
  condition(modeler, element, { value }) {
    const body = value && modeler.get('bpmnFactory').create('bpmn:FormalExpression', { body: value });
    if (is(element, 'bpmn:SequenceFlow')) {
      modeler.get('modeling').updateProperties(element, { conditionExpression: body || undefined });
    }
  },
};
