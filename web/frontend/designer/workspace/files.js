import { ask, labelled } from './dialog.js';
import { el } from './dom.js';
import { t } from '../words/text.js';

const KINDS = [
  ['bpmn', t('流程图')],
  ['form', t('表单')],
  ['dmn', t('决策表')],
  ['md', t('说明文档')],
  ['yaml', t('计划或场景')],
];
/** What a file may be called, as the pattern of an input. */
export const NAME = '[a-z0-9][a-z0-9\\-]{0,59}';

/** Asks for a new file. Resolves to `[path, text]`, null when nobody wants one. */
export async function askForFile(taken) {
  const kind = el(
    'select',
    { class: 'form-select' },
    KINDS.map(([value, label]) => el('option', { value }, label)),
  );
  const name = el('input', { class: 'form-control', pattern: NAME, required: true, placeholder: 'leave-request' });
  const answer = await ask({
    title: t('添加文件'),
    words: t('名称用小写字母、数字和连字符。'),
    fields: [labelled(t('种类'), kind), labelled(t('名称'), name)],
    buttons: [['add', t('添加'), 'btn-primary']],
  });
  if (!answer) return null;
  const path = `${name.value}.${kind.value}`;
  if (taken.includes(path)) return [path, null];
  return [path, beginning(kind.value, name.value)];
}

const xmlName = (name) => name.replaceAll('-', '_').replace(/^(\d)/, 'p_$1');

/** Returns what a new file begins with. */
export function beginning(kind, name) {
  return BEGINNINGS[kind](name, xmlName(name));
}

const BEGINNINGS = {
  bpmn: (name, id) => `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:duban="https://duban.dev/bpmn/1.0" id="definitions_${id}" targetNamespace="https://duban.dev/packages/${name}">
  <bpmn:process id="${id}" name="${name}" isExecutable="true">
    <bpmn:startEvent id="${id}_begin" name="${t('发起')}" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_${id}">
    <bpmndi:BPMNPlane id="plane_${id}" bpmnElement="${id}">
      <bpmndi:BPMNShape id="${id}_begin_di" bpmnElement="${id}_begin">
        <dc:Bounds x="180" y="160" width="36" height="36" />
      </bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
`,
  dmn: (name, id) => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" id="definitions_${id}" name="${name}" namespace="https://duban.dev/packages/${name}">
  <decision id="${id}" name="${name}">
    <variable id="${id}_variable" name="${id}" />
    <decisionTable id="${id}_table" hitPolicy="FIRST">
      <input id="${id}_input">
        <inputExpression id="${id}_input_expression" typeRef="string">
          <text></text>
        </inputExpression>
      </input>
      <output id="${id}_output" name="result" typeRef="string" />
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="${id}_diagram">
      <dmndi:DMNShape id="${id}_shape" dmnElementRef="${id}">
        <dc:Bounds height="80" width="180" x="160" y="100" />
      </dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
`,
  form: (name) => `${JSON.stringify({ schemaVersion: 19, type: 'default', id: name, components: [] }, null, 2)}\n`,
  md: (name) => `# ${name}\n`,
  yaml: () => '',
};
