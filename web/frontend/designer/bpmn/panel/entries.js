import {
  CheckboxEntry,
  FeelEntry,
  FeelTextAreaEntry,
  SelectEntry,
  TextAreaEntry,
  TextFieldEntry,
  isCheckboxEntryEdited,
  isFeelEntryEdited,
  isSelectEntryEdited,
  isTextAreaEntryEdited,
  isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useService } from 'bpmn-js-properties-panel';
import { t } from '../../words/text.js';
import { PeopleEntry, isPeopleEntryEdited } from './people.js';
import { KeptEntry, RightsEntry, isKeptEntryEdited, isRightsEntryEdited } from './rights.js';

/**
 * The kinds of entries that a field of the panel may be. Each takes a field (see `fields.js`) whose `get` reads the
 * value of an element and whose `set` gives the command that writes it.
 */
const KINDS = {
  text: { component: Text, edited: isTextFieldEntryEdited },
  area: { component: Area, edited: isTextAreaEntryEdited },
  feel: { component: Feel, edited: isFeelEntryEdited },
  mixed: { component: Feel, edited: isFeelEntryEdited },
  code: { component: Code, edited: isFeelEntryEdited },
  flag: { component: Flag, edited: isCheckboxEntryEdited },
  choice: { component: Choice, edited: isSelectEntryEdited },
  pick: { component: Pick, edited: isSelectEntryEdited },
  people: { component: People, edited: isPeopleEntryEdited },
  rights: { component: Rights, edited: isRightsEntryEdited },
  kept: { component: Kept, edited: isKeptEntryEdited },
};

/** Returns the entry of the panel for a field. */
export function entryOf(field, prefix = '') {
  const kind = KINDS[field.kind];
  return { id: `${prefix}${field.id}`, component: kind.component, isEdited: kind.edited, field };
}

function useField({ element, id, field }) {
  const injector = useService('injector');
  const debounce = useService('debounceInput');
  return {
    element,
    id,
    debounce,
    label: field.label,
    description: field.help,
    getValue: () => field.get(element),
    setValue: (value) => field.set(element, value === '' ? undefined : value, injector),
    validate: field.check,
  };
}

function Text(props) {
  return h(TextFieldEntry, { ...useField(props), placeholder: props.field.example });
}

function Area(props) {
  return h(TextAreaEntry, { ...useField(props), rows: 3, autoResize: true });
}

/** FEEL, always (`feel`) or after a first `=` (`mixed`), with completion from the package's variables. */
function Feel(props) {
  const house = useService('dubanHouse');
  return h(FeelEntry, {
    ...useField(props),
    feel: props.field.kind === 'feel' ? 'required' : 'optional',
    placeholder: props.field.example,
    variables: house.variables(props.element),
    translate: useService('translate'),
  });
}

function Code(props) {
  const house = useService('dubanHouse');
  const field = useField(props);
  if (props.field.plain(props.element)) return h(TextAreaEntry, { ...field, rows: 6, monospace: true });
  return h(FeelTextAreaEntry, {
    ...field,
    feel: 'required',
    variables: house.variables(props.element),
    translate: useService('translate'),
  });
}

function Flag(props) {
  return h(CheckboxEntry, useField(props));
}

function Choice(props) {
  const { field } = props;
  const options = [{ value: '', label: field.unset ?? t('（未设）') }, ...field.options];
  return h(SelectEntry, { ...useField(props), getOptions: () => options });
}

/** A choice among what the package and the house hold; a name that is gone stays visible and says so. */
function Pick(props) {
  const house = useService('dubanHouse');
  const common = useField(props);
  const current = common.getValue();
  const known = house.choices(props.field.of);
  const options = [{ value: '', label: t('（请选择）') }, ...known];
  if (current && !known.some((one) => one.value === current)) {
    options.push({
      value: current,
      label: current.startsWith('=') ? current : t('{name}（不存在）', { name: current }),
    });
  }
  return h(SelectEntry, { ...common, getOptions: () => options });
}

function People(props) {
  return h(PeopleEntry, { ...useField(props), key: props.element.id, house: useService('dubanHouse') });
}

function Rights(props) {
  return h(RightsEntry, { ...useField(props), house: useService('dubanHouse') });
}

function Kept(props) {
  return h(KeptEntry, { ...useField(props), house: useService('dubanHouse') });
}
