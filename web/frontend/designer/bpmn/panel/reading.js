import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { qualified } from '../dialect.js';

/** Returns the value of an attribute of the engine; undefined where it is not set. */
export const valueOf = (moddle, name) => moddle?.get(qualified(name)) || undefined;

/** Returns the first event definition of a kind (`bpmn:TimerEventDefinition`) of an event. */
export const eventOf = (element, type) =>
  (getBusinessObject(element).eventDefinitions ?? []).find((one) => is(one, type));

/** Returns the multi-instance or loop characteristics of an activity. */
export const loopOf = (element) => getBusinessObject(element).loopCharacteristics;

export const isItems = (element) => is(loopOf(element), 'bpmn:MultiInstanceLoopCharacteristics');
export const isLoop = (element) => is(loopOf(element), 'bpmn:StandardLoopCharacteristics');

/** Returns the extension elements of a type (`camunda:In`). */
export const extensionsOf = (moddle, type) =>
  (moddle?.extensionElements?.values ?? []).filter((one) => one.$type === type);

/** Returns the process that a diagram's root, pool or element belongs to. */
export function processOf(element) {
  const own = getBusinessObject(element);
  if (is(own, 'bpmn:Process')) return own;
  return is(own, 'bpmn:Participant') ? own.processRef : null;
}
