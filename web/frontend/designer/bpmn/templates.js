import { inEnglish, t } from '../words/text.js';
import { qualified } from './dialect.js';
import TEMPLATES from './templates.json' with { type: 'json' };

export { TEMPLATES };

export const nameOf = (template) => t(template.name);
export const aboutOf = (template) => t(template.about);

/**
 * Makes the business object of a house template, as `create` (bpmn-js's factory or moddle's) makes elements.
 * Everything that a template says is an ordinary attribute or child: no mark of the template stays in the diagram.
 */
export function businessObject(template, create) {
  const object = create(template.type, { name: inEnglish ? t(template.name) : template.name });
  fill(object, template, create);
  return object;
}

/** Writes what a template says into an element; what it does not speak of stays. */
export function fill(object, template, create) {
  for (const [name, value] of Object.entries(template.attributes ?? {})) object.set(qualified(name), value);
  if (template.items) adopt(object, 'loopCharacteristics', items(template.items, create));
  const extensions = [...called(template.in, create), ...parameters(template.inputs, create)];
  if (!extensions.length) return;
  const holder = create('bpmn:ExtensionElements', { values: extensions });
  for (const one of extensions) one.$parent = holder;
  adopt(object, 'extensionElements', holder);
}

function adopt(parent, name, child) {
  child.$parent = parent;
  parent.set(name, child);
}

function items(settings, create) {
  const loop = create('bpmn:MultiInstanceLoopCharacteristics');
  for (const [name, value] of Object.entries(settings)) loop.set(qualified(name), value);
  return loop;
}

function called(mapped = {}, create) {
  return Object.entries(mapped).map(([target, source]) => create('camunda:In', { target, source }));
}

function parameters(inputs, create) {
  if (!inputs) return [];
  const block = create('camunda:InputOutput', {});
  const made = Object.entries(inputs).map(([name, value]) => create('camunda:InputParameter', { name, value }));
  for (const one of made) one.$parent = block;
  block.set('inputParameters', made);
  return [block];
}
