import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BpmnModdle } from 'bpmn-moddle';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json' with { type: 'json' };
import duban from '../../web/frontend/designer/bpmn/duban.json' with { type: 'json' };
import { settleDialect } from '../../web/frontend/designer/bpmn/dialect.js';
import { canLayOut, layOut } from '../../web/frontend/designer/bpmn/layout.js';
import { changedElements } from '../../web/frontend/designer/compare/differ.js';
import { beginning } from '../../web/frontend/designer/workspace/files.js';

const LIBRARY = join(import.meta.dirname, '../../bpmn');
const moddle = () => new BpmnModdle({ camunda, duban });

const diagrams = readdirSync(LIBRARY, { recursive: true }).filter((path) => path.endsWith('.bpmn'));
const read = (path) => readFileSync(join(LIBRARY, path), 'utf8');

test('every diagram of the library is read and written without a warning, and means the same', async () => {
  assert.ok(diagrams.length);
  for (const path of diagrams) {
    const first = await moddle().fromXML(read(path));
    assert.deepEqual(first.warnings, [], path);
    const { xml } = await moddle().toXML(first.rootElement, { format: true });
    const second = await moddle().fromXML(xml);
    assert.deepEqual(second.warnings, [], path);
    assert.deepEqual(await changedElements(read(path), xml), { added: [], removed: [], changed: [], moved: [] }, path);
    // A reader that knows no extension of ours either has nothing to warn of.
    assert.deepEqual((await new BpmnModdle().fromXML(xml)).warnings, [], path);
  }
});

test('a new diagram is valid for bpmn-moddle, with a name that begins with a digit too', async () => {
  for (const name of ['leave', '2026-drive']) {
    const { warnings, rootElement } = await moddle().fromXML(beginning('bpmn', name));
    assert.deepEqual(warnings, []);
    assert.equal(rootElement.rootElements[0].isExecutable, true);
  }
});

const ATTRIBUTED = `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:duban="https://duban.dev/bpmn/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="x">
  <bpmn:process id="p"><bpmn:userTask id="a" duban:candidateUsers="person(x)" duban:policy="vote" />
  <bpmn:userTask id="b" camunda:assignee="old" duban:assignee="new"/></bpmn:process></bpmn:definitions>`;

test('attributes of the dialect under our prefix get the one name that editors know', async () => {
  const { rootElement } = await moddle().fromXML(ATTRIBUTED);
  settleDialect(rootElement);
  const [first, second] = rootElement.rootElements[0].flowElements;
  assert.equal(first.get('camunda:candidateUsers'), 'person(x)');
  assert.equal(first.get('duban:policy'), 'vote');
  assert.equal(second.get('camunda:assignee'), 'new');
  const { xml } = await moddle().toXML(rootElement);
  assert.doesNotMatch(xml, /duban:(candidateUsers|assignee)/);
});

const LOOP = `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x" id="d">
  <bpmn:process id="p" isExecutable="true">
    <bpmn:startEvent id="s"/><bpmn:userTask id="a" name="填报"/><bpmn:exclusiveGateway id="g" name="同意？"/>
    <bpmn:userTask id="b"/><bpmn:exclusiveGateway id="h"/><bpmn:endEvent id="e"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="g"/>
    <bpmn:sequenceFlow id="f3" sourceRef="g" targetRef="b"/><bpmn:sequenceFlow id="f4" sourceRef="b" targetRef="h"/>
    <bpmn:sequenceFlow id="f5" sourceRef="h" targetRef="e"/><bpmn:sequenceFlow id="f6" name="退回" sourceRef="h" targetRef="a"/>
    <bpmn:sequenceFlow id="f7" name="略过" sourceRef="g" targetRef="h"/>
  </bpmn:process></bpmn:definitions>`;

test('a laid out diagram has a drawing of everything, with labels, and no two lines on one another', async () => {
  const { rootElement, warnings } = await moddle().fromXML(await layOut(LOOP, { camunda, duban }));
  assert.deepEqual(warnings, []);
  const drawn = rootElement.diagrams[0].plane.planeElement;
  assert.equal(drawn.length, 13);
  assert.ok(drawn.find((one) => one.bpmnElement.id === 'f6').label);
  assert.ok(drawn.find((one) => one.bpmnElement.id === 'g').label);
  const levels = ['f6', 'f7'].map((id) => {
    const { waypoint } = drawn.find((one) => one.bpmnElement.id === id);
    return waypoint[Math.floor(waypoint.length / 2)].y;
  });
  assert.notEqual(levels[0], levels[1]);
});

test('what the layout would lose is not laid out', async () => {
  const { rootElement } = await moddle().fromXML(LOOP);
  assert.equal(canLayOut(rootElement), true);
  const inside = LOOP.replace(
    '<bpmn:userTask id="b"/>',
    '<bpmn:subProcess id="b"><bpmn:task id="c"/></bpmn:subProcess>',
  );
  assert.equal(canLayOut((await moddle().fromXML(inside)).rootElement), false);
});

test('the comparison tells added, removed, changed and moved apart, attributes of ours too', async () => {
  const before = await layOut(LOOP, { camunda, duban });
  const after = before
    .replace('<bpmn:definitions ', '<bpmn:definitions xmlns:duban="https://duban.dev/bpmn/1.0" ')
    .replace('id="a" name="填报"', 'id="a" name="填报" duban:due="PT4H"')
    .replace(/(bpmnElement="e">\s*<dc:Bounds x=")(\d+)/, (_, start, x) => `${start}${Number(x) + 90}`);
  const marks = await changedElements(before, after);
  assert.deepEqual(marks, { added: [], removed: [], changed: ['a'], moved: ['e'] });
});
