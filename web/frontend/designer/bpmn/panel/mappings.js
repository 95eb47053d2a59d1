import { Group, ListGroup } from '@bpmn-io/properties-panel';
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../../words/text.js';
import { entryOf } from './entries.js';
import { extensionsOf, valueOf } from './reading.js';

/**
 * What goes into an element and what comes back, as lists of a name and FEEL: parameters of tasks and events,
 * `in` and `out` of called processes.
 */

const MAPPED = ['bpmn:ServiceTask', 'bpmn:SendTask', 'bpmn:ScriptTask', 'bpmn:BusinessRuleTask', 'bpmn:UserTask'];
const THROWING = ['bpmn:IntermediateThrowEvent', 'bpmn:EndEvent'];

function change(injector, element, moddle, properties) {
  injector.get('modeling').updateModdleProperties(element, moddle, properties);
}

/** Returns the element's extension elements, made first where there are none. */
function extensions(injector, element) {
  const own = getBusinessObject(element);
  if (own.extensionElements) return own.extensionElements;
  const made = injector.get('bpmnFactory').create('bpmn:ExtensionElements', { values: [] });
  made.$parent = own;
  change(injector, element, own, { extensionElements: made });
  return made;
}

function addExtension(injector, element, made) {
  const holder = extensions(injector, element);
  made.$parent = holder;
  change(injector, element, holder, { values: [...holder.get('values'), made] });
}

/** A field on one entry of a list. */
function part(entry, name, kind, label, fallback) {
  return {
    id: name,
    kind,
    label,
    get: () => entry.get(name) ?? (fallback && entry.get(fallback)),
    set: (element, value, injector) =>
      change(injector, element, entry, { [name]: value, ...(fallback && { [fallback]: undefined }) }),
  };
}

function list({ id, label, entries, fields, add, remove }) {
  return {
    id,
    label,
    component: ListGroup,
    items: entries.map((entry, index) => ({
      id: `${id}-${index}`,
      label: entry.get('name') || entry.get('target') || t('（未命名）'),
      entries: fields(entry).map((field) => entryOf(field, `${id}-${index}-`)),
      autoFocusEntry: `${id}-${index}-${fields(entry)[0].id}`,
      remove: (event) => {
        event.stopPropagation();
        remove(entry);
      },
    })),
    add: (event) => {
      event.stopPropagation();
      add();
    },
  };
}

const blockOf = (element) => extensionsOf(getBusinessObject(element), 'camunda:InputOutput')[0];
const entriesOf = (element, side) => blockOf(element)?.get(`${side}Parameters`) ?? [];

function addParameter(injector, element, side, values) {
  const factory = injector.get('bpmnFactory');
  const known = blockOf(element);
  const block = known ?? factory.create('camunda:InputOutput', { inputParameters: [], outputParameters: [] });
  if (!known) addExtension(injector, element, block);
  const made = factory.create(side === 'input' ? 'camunda:InputParameter' : 'camunda:OutputParameter', values);
  made.$parent = block;
  change(injector, element, block, { [`${side}Parameters`]: [...block.get(`${side}Parameters`), made] });
}

function removeParameter(injector, element, side, entry) {
  const left = entriesOf(element, side).filter((one) => one !== entry);
  change(injector, element, blockOf(element), { [`${side}Parameters`]: left });
}

/** The parameters that a service declares, each as a field with its name in words; others are in the list of inputs. */
function declared(element, injector) {
  const service = injector.get('dubanHouse').service(valueOf(getBusinessObject(element), 'service'));
  const inputs = service?.inputs ?? [];
  if (!is(element, 'bpmn:ServiceTask') || !inputs.length) return [];
  const fields = inputs.map(({ name, label, required }) => {
    const entry = () => entriesOf(element, 'input').find((one) => one.get('name') === name);
    return {
      id: `service-${name}`,
      kind: 'feel',
      label: required ? `${label || name} *` : label || name,
      get: () => entry()?.get('value'),
      set: (_, value) => {
        if (!value) return entry() && removeParameter(injector, element, 'input', entry());
        if (entry()) return change(injector, element, entry(), { value });
        return addParameter(injector, element, 'input', { name, value });
      },
    };
  });
  const entries = fields.map((field) => entryOf(field));
  return [{ id: 'duban-declared', label: t('服务的参数'), component: Group, shouldOpen: true, entries }];
}

function parameters(element, injector, side, label) {
  const entries = entriesOf(element, side);
  return list({
    id: `duban-${side}s`,
    label,
    entries,
    fields: (entry) => [
      part(entry, 'name', 'text', side === 'input' ? t('参数') : t('变量')),
      part(entry, 'value', 'mixed', t('值')),
    ],
    add: () => addParameter(injector, element, side, { name: '', value: '=' }),
    remove: (entry) => removeParameter(injector, element, side, entry),
  });
}

function passed(element, injector, name, label) {
  const own = getBusinessObject(element);
  const entries = extensionsOf(own, `camunda:${name}`).filter(
    (one) => one.get('variables') !== 'all' && !one.get('businessKey'),
  );
  return list({
    id: `duban-${name.toLowerCase()}`,
    label,
    entries,
    fields: (entry) => [
      part(entry, 'target', 'text', t('变量')),
      part(entry, 'sourceExpression', 'mixed', t('值'), 'source'),
    ],
    add: () =>
      addExtension(
        injector,
        element,
        injector.get('bpmnFactory').create(`camunda:${name}`, { target: '', sourceExpression: '=' }),
      ),
    remove: (entry) => {
      const holder = own.extensionElements;
      change(injector, element, holder, { values: holder.get('values').filter((one) => one !== entry) });
    },
  });
}

/** Returns the lists of mappings that the engine executes on an element. */
export function mappingGroups(element, injector) {
  if (is(element, 'bpmn:CallActivity')) {
    return [passed(element, injector, 'In', t('传入')), passed(element, injector, 'Out', t('带回'))];
  }
  const definitions = getBusinessObject(element).eventDefinitions ?? [];
  if (isAny(element, THROWING) && definitions.length) return [parameters(element, injector, 'input', t('输入'))];
  if (is(element, 'bpmn:CatchEvent') && definitions.length) return [parameters(element, injector, 'output', t('输出'))];
  if (!isAny(element, [...MAPPED, 'bpmn:ReceiveTask'])) return [];
  const outputs = parameters(element, injector, 'output', t('输出'));
  if (is(element, 'bpmn:ReceiveTask')) return [outputs];
  return [...declared(element, injector), parameters(element, injector, 'input', t('输入')), outputs];
}
