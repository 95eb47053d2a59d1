import { h } from '@bpmn-io/properties-panel/preact';
import { t } from '../../words/text.js';
import { valueOf } from './reading.js';
import { RIGHTS, readRights, writeRights } from './rules.js';

const NAMES = { edit: t('可填'), read: t('只读'), hidden: t('隐藏') };

const formOf = (element) => valueOf(element.businessObject, 'form');

/** What each field of the form may do at this node: a row a field, with the form's own labels. */
export function RightsEntry({ element, id, getValue, setValue, house }) {
  const form = formOf(element);
  const fields = house.fieldsOf(form);
  const rights = readRights(getValue());
  const rows = [{ key: '*', label: t('其余字段') }, ...fields];
  const give = (key, right) => {
    if (right) rights.set(key, right);
    else rights.delete(key);
    setValue(writeRights(rights));
  };
  if (!form) return h('p', { class: 'panel-note', 'data-entry-id': id }, t('先选一张表单。'));
  return h('table', { class: 'rights', 'data-entry-id': id }, [
    h('caption', { class: 'visually-hidden' }, t('字段权限')),
    h(
      'tbody',
      null,
      rows.map(({ key, label }) =>
        h('tr', { key }, [
          h('th', { scope: 'row', title: key }, label),
          h(
            'td',
            null,
            h(
              'select',
              {
                class: 'bio-properties-panel-input',
                'aria-label': label,
                value: rights.get(key) ?? '',
                onChange: (event) => give(key, event.target.value),
              },
              [
                h('option', { value: '' }, key === '*' ? t('可填（默认）') : t('同其余')),
                ...RIGHTS.map((right) => h('option', { value: right }, NAMES[right])),
              ],
            ),
          ),
        ]),
      ),
    ),
  ]);
}

export const isRightsEntryEdited = (node) => Boolean(node?.querySelector?.('option:checked:not([value=""])'));

/** Which fields become variables of the process: only those can be spoken of in conditions, decisions and titles. */
export function KeptEntry({ element, id, label, getValue, setValue, house }) {
  const fields = house.smallFieldsOf(formOf(element));
  const kept = new Set(
    (getValue() ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  );
  if (!fields.length) return null;
  const keep = (key, on) => {
    if (on) kept.add(key);
    else kept.delete(key);
    setValue([...kept].join(', ') || undefined);
  };
  return h('fieldset', { class: 'kept', 'data-entry-id': id }, [
    h('legend', null, label),
    ...fields.map(({ key, label: name }) =>
      h('label', { key }, [
        h('input', { type: 'checkbox', checked: kept.has(key), onChange: ({ target }) => keep(key, target.checked) }),
        ` ${name}`,
        h('code', null, key),
      ]),
    ),
    h(
      'p',
      { class: 'bio-properties-panel-description' },
      t('条件、决策和后面的环节要用到的字段；没有勾选的只留在表单里。'),
    ),
  ]);
}

export const isKeptEntryEdited = (node) => Boolean(node?.querySelector?.('input:checked'));
