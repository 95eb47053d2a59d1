// Prints a diagram for every house template, as JSON by template id: tests/unit/web/test_frontend.py lints them.
import { BpmnModdle } from 'bpmn-moddle';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json' with { type: 'json' };
import duban from '../../web/frontend/designer/bpmn/duban.json' with { type: 'json' };
import { businessObject, TEMPLATES } from '../../web/frontend/designer/bpmn/templates.js';

const moddle = new BpmnModdle({ camunda, duban });
const create = (type, values) => moddle.create(type, values);
const diagrams = {};
for (const template of TEMPLATES) {
  const step = businessObject(template, create);
  step.id = 'step';
  const [begin, end] = [create('bpmn:StartEvent', { id: 'begin' }), create('bpmn:EndEvent', { id: 'end' })];
  const flow = (id, sourceRef, targetRef) => create('bpmn:SequenceFlow', { id, sourceRef, targetRef });
  const flowElements = [begin, step, end, flow('first', begin, step), flow('second', step, end)];
  const process = create('bpmn:Process', { id: 'p', isExecutable: true, flowElements });
  const definitions = create('bpmn:Definitions', {
    targetNamespace: 'https://duban.dev/test',
    rootElements: [process],
  });
  const { xml } = await moddle.toXML(definitions, { format: true });
  const { warnings } = await moddle.fromXML(xml);
  if (warnings.length) throw new Error(`${template.id}: ${warnings[0].message}`);
  diagrams[template.id] = xml;
}
process.stdout.write(JSON.stringify(diagrams));
