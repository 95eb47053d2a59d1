import { FeelEntry } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useState } from '@bpmn-io/properties-panel/preact/hooks';
import { t } from '../../words/text.js';
import { joinRule, splitRule } from './rules.js';

/** Picks who does it: roles as chips, found by name instead of typed as codes, or one FEEL expression. */
export function PeopleEntry(props) {
  const [asFeel, setAsFeel] = useState((props.getValue() ?? '').startsWith('='));
  const other = h(
    'button',
    { type: 'button', class: 'rule-switch', onClick: () => setAsFeel(!asFeel) },
    asFeel ? t('改为选择') : t('改为表达式'),
  );
  return asFeel ? h(Computed, { ...props, other }) : h(Chosen, { ...props, other });
}

export const isPeopleEntryEdited = (node) => Boolean(node?.value);

function Computed({ other, house, ...props }) {
  const variables = house.variables();
  return h('div', { class: 'rule' }, [
    other,
    h(FeelEntry, { ...props, feel: 'required', variables, placeholder: '"group(" + group_code + ")"' }),
  ]);
}

function Chosen({ id, label, description, getValue, setValue, house, other }) {
  const terms = splitRule(getValue());
  const roles = house.choices('roles');
  const nameOf = (rule) => roles.find((one) => one.value === rule)?.label ?? rule;
  const set = (chosen) => setValue(joinRule(chosen));
  return h('div', { class: 'rule bio-properties-panel-entry', 'data-entry-id': id }, [
    other,
    h('label', { for: `bio-properties-panel-${id}`, class: 'bio-properties-panel-label' }, label),
    h('div', { class: 'rule-chips' }, [
      ...terms.map((rule) =>
        h(Chip, { key: rule, rule, name: nameOf(rule), remove: () => set(terms.filter((one) => one !== rule)) }),
      ),
      h(Search, { id, roles, add: (rule) => terms.includes(rule) || set([...terms, rule]) }),
    ]),
    description && h('div', { class: 'bio-properties-panel-description' }, description),
  ]);
}

function Chip({ rule, name, remove }) {
  return h('span', { class: 'rule-chip', title: rule }, [
    name,
    h('button', { type: 'button', 'aria-label': t('去掉{name}', { name }), onClick: remove }, '×'),
  ]);
}

/** Finds a role by its name or its rule; a rule that no list has is taken as it was typed, for the check to judge. */
function Search({ id, roles, add }) {
  const [typed, setTyped] = useState('');
  const take = (rule) => {
    setTyped('');
    if (rule) add(rule);
  };
  const found = (text) => roles.find((one) => one.label === text || one.value === text)?.value;
  return [
    h('input', {
      id: `bio-properties-panel-${id}`,
      class: 'bio-properties-panel-input',
      type: 'text',
      list: `${id}-roles`,
      value: typed,
      placeholder: t('搜索岗位、小组或人员'),
      onInput: ({ target }) => (found(target.value) ? take(found(target.value)) : setTyped(target.value)),
      onChange: ({ target }) => take(found(target.value) ?? target.value.trim()),
    }),
    h(
      'datalist',
      { id: `${id}-roles` },
      roles.map((one) => h('option', { key: one.value, value: one.label }, one.value)),
    ),
  ];
}
