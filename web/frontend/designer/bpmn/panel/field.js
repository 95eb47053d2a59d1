import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';
import { qualified } from '../dialect.js';
import { valueOf } from './reading.js';

/** Fields of the panel: what is shown, and how a value is read from and written to the diagram, undoably. */

const own = (element) => getBusinessObject(element);

function write(injector, element, moddle, properties) {
  injector.get('modeling').updateModdleProperties(element, moddle, properties);
}

/** An attribute of the engine on `place(element)`, the element itself where none is given. */
export function attribute(name, kind, label, more = {}) {
  const place = more.place ?? own;
  return {
    id: name,
    kind,
    label,
    ...more,
    get: (element) => valueOf(place(element), name),
    set: (element, value, injector) =>
      write(injector, element, place(element), { [qualified(name)]: value || undefined }),
  };
}

/** A flag of the engine whose unset value is `unset`; the attribute is written only where it differs. */
export function flag(name, label, { unset = false, ...more } = {}) {
  return {
    ...attribute(name, 'flag', label, more),
    get: (element) => {
      const stored = own(element).get(qualified(name));
      return stored === undefined ? unset : String(stored) === 'true';
    },
    set: (element, value, injector) =>
      write(injector, element, own(element), {
        [qualified(name)]: Boolean(value) === unset ? undefined : Boolean(value),
      }),
  };
}

/** One of BPMN's own attributes (`calledElement`, `loopMaximum`). */
export function standard(name, kind, label, { place = own, as = (value) => value, ...more } = {}) {
  return {
    id: name,
    kind,
    label,
    ...more,
    get: (element) => place(element)?.get(name),
    set: (element, value, injector) =>
      write(injector, element, place(element), { [name]: value === undefined ? undefined : as(value) }),
  };
}

/** The text of one of BPMN's expressions (`conditionExpression`, `timeDate`), a child element with a body. */
export function expression(name, kind, label, { place = own, ...more } = {}) {
  return {
    id: name,
    kind,
    label,
    ...more,
    get: (element) => place(element)?.get(name)?.body,
    set: (element, value, injector) => {
      const holder = place(element);
      const body = value && injector.get('bpmnFactory').create('bpmn:FormalExpression', { body: value });
      if (body) body.$parent = holder;
      write(injector, element, holder, { [name]: body || undefined });
    },
  };
}
