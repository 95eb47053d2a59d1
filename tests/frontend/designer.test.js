import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRights, splitRule, joinRule, writeRights } from '../../web/frontend/designer/bpmn/panel/rules.js';
import { readValue, variablesIn } from '../../web/frontend/designer/dmn/values.js';
import { asSeen } from '../../web/frontend/designer/form/seen.js';
import { asCopy } from '../../web/frontend/designer/workspace/copies.js';
import { House } from '../../web/frontend/designer/workspace/house.js';

test('field rights are read as the engine reads them, and written the same', () => {
  const rights = readRights('amount:read, secret:hidden, *:edit, broken, x:nothing');
  assert.deepEqual(
    [...rights],
    [
      ['amount', 'read'],
      ['secret', 'hidden'],
      ['*', 'edit'],
    ],
  );
  assert.equal(writeRights(rights), 'amount:read, secret:hidden, *:edit');
  assert.equal(writeRights(new Map()), undefined);
});

test('an assignment rule is split at its alternatives, an expression is not', () => {
  assert.deepEqual(splitRule('post(director) | group(leading, head)'), ['post(director)', 'group(leading, head)']);
  assert.deepEqual(splitRule('="post(" + a | b + ")"'), []);
  assert.equal(joinRule(['initiator', 'post(x)']), 'initiator | post(x)');
  assert.equal(joinRule([]), undefined);
});

test('a typed value is JSON where it is JSON', () => {
  assert.deepEqual(['3', 'true', '["a"]', 'text', ' ', '{"a":1}'].map(readValue), [
    3,
    true,
    ['a'],
    'text',
    null,
    { a: 1 },
  ]);
});

test('the row of a decision asks for the variables of its expressions, each once', () => {
  const inputs = [
    'points >= commend_line',
    'count(items) > 3 and points < 5',
    'unit.kind = "ward"',
    'if a then 金额 else null',
  ];
  assert.deepEqual(variablesIn(inputs), ['points', 'commend_line', 'items', 'unit', 'a', '金额']);
});

test('a form is shown in a language and with the rights of a node, in groups too', () => {
  const schema = {
    components: [
      { type: 'textfield', key: 'name', label: '姓名', properties: { 'label:en': 'Name' } },
      {
        type: 'group',
        components: [
          { type: 'number', key: 'pay', label: '金额' },
          { type: 'number', key: 'secret' },
        ],
      },
      { type: 'radio', key: 'kind', values: [{ value: 'a', label: '甲', 'label:en': 'A' }] },
    ],
  };
  const seen = asSeen(schema, 'en', readRights('pay:read, secret:hidden'));
  assert.equal(seen.components[0].label, 'Name');
  assert.deepEqual(
    seen.components[1].components.map((one) => [one.key, one.readonly]),
    [['pay', true]],
  );
  assert.equal(seen.components[2].values[0].label, 'A');
  assert.equal(asSeen(schema, 'zh', new Map()).components[0].label, '姓名');
});

test('a copy of a diagram has a free name and processes of its own', () => {
  const xml = '<bpmn:process id="leave" name="x"/><bpmndi:BPMNPlane bpmnElement="leave"/><bpmn:task id="leave_task"/>';
  const [path, text] = asCopy('leave.bpmn', xml, ['leave.bpmn', 'leave-copy.bpmn']);
  assert.equal(path, 'leave-copy2.bpmn');
  assert.match(text, /process id="leave_copy2"/);
  assert.match(text, /bpmnElement="leave_copy2"/);
  assert.match(text, /id="leave_task"/);
});

test('what the draft holds can be chosen before it is saved', () => {
  const files = {
    'leave.bpmn':
      '<bpmn:process id="leave" name="请假"/><bpmn:userTask id="a" name="批" duban:form="request" duban:fieldPermissions="days:read"/>',
    'request.form': JSON.stringify({
      components: [{ type: 'group', components: [{ key: 'days', label: '天数', type: 'number' }] }],
    }),
    'days.dmn': '<decision id="levels" name="层级">',
    'plan.yaml': 'name: x\nphases:\n  - {code: study, name: 学习, starts: "--09-05"}\n',
  };
  const house = new House({ paths: () => Object.keys(files), text: (path) => files[path] });
  house.lists = { services: [{ value: 'notify', label: '通知' }], forms: [{ value: 'request', label: 'old' }] };
  assert.deepEqual(house.choices('processes'), [{ value: 'leave', label: '请假（leave）' }]);
  assert.deepEqual(
    house.choices('forms').map((one) => one.value),
    ['request'],
  );
  assert.deepEqual(
    house.choices('decisions').map((one) => one.value),
    ['levels'],
  );
  assert.deepEqual(
    house.choices('services').map((one) => one.value),
    ['notify'],
  );
  assert.deepEqual(house.choices('phases'), [{ value: 'study', label: '学习' }]);
  assert.deepEqual(house.fieldsOf('request'), [{ key: 'days', label: '天数', type: 'number' }]);
  assert.deepEqual(house.nodesUsing('request.form'), [{ name: '批', rights: 'days:read' }]);
  assert.ok(house.variables().some((one) => one.name === 'days'));
});
