import { h } from '@bpmn-io/properties-panel/preact';
import { useState } from '@bpmn-io/properties-panel/preact/hooks';
import { t } from '../../words/text.js';
import { joinRule, splitRule } from './rules.js';

/** Picks who does it: roles as chips, found by name instead of typed as codes, or one FEEL expression. */
export function PeopleEntry({ id, label, description, getValue, setValue, house }) {
  const value = getValue() ?? '';
  const [asFeel, setAsFeel] = useState(value.startsWith('='));
  const [typed, setTyped] = useState('');
  const terms = splitRule(value);
  const roles = house.choices('roles');
  const nameOf = (rule) => roles.find((one) => one.value === rule)?.label ?? rule;

  const add = (text) => {
    const found = roles.find((one) => one.label === text || one.value === text);
    if (!found) return setTyped(text);
    setTyped('');
    if (!terms.includes(found.value)) setValue(joinRule([...terms, found.value]));
  };
  const body = asFeel
    ? h('input', {
        id: `bio-properties-panel-${id}`,
        class: 'bio-properties-panel-input rule-feel',
        type: 'text',
        value,
        placeholder: '="group(" + group_code + ")"',
        onChange: (event) => setValue(event.target.value),
      })
    : h('div', { class: 'rule-chips' }, [
        ...terms.map((rule) =>
          h('span', { key: rule, class: 'rule-chip', title: rule }, [
            nameOf(rule),
            h(
              'button',
              {
                type: 'button',
                'aria-label': t('去掉{name}', { name: nameOf(rule) }),
                onClick: () => setValue(joinRule(terms.filter((one) => one !== rule))),
              },
              '×',
            ),
          ]),
        ),
        h('input', {
          id: `bio-properties-panel-${id}`,
          class: 'bio-properties-panel-input',
          type: 'text',
          list: `${id}-roles`,
          value: typed,
          placeholder: t('搜索岗位、小组或人员'),
          onInput: (event) => add(event.target.value),
        }),
        h(
          'datalist',
          { id: `${id}-roles` },
          roles.map((one) => h('option', { key: one.value, value: one.label }, one.value)),
        ),
      ]);
  return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id }, [
    h('div', { class: 'rule-head' }, [
      h('label', { for: `bio-properties-panel-${id}`, class: 'bio-properties-panel-label' }, label),
      h(
        'button',
        { type: 'button', class: 'rule-switch', 'aria-pressed': asFeel, onClick: () => setAsFeel(!asFeel) },
        asFeel ? t('改为选择') : t('改为表达式'),
      ),
    ]),
    body,
    description && h('div', { class: 'bio-properties-panel-description' }, description),
  ]);
}

export const isPeopleEntryEdited = (node) => Boolean(node?.value);
