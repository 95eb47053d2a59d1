import { el, settled } from '../workspace/dom.js';
import { t } from '../words/text.js';

const QUIET = 400;

/** The English of a form's fields and options, beside the Chinese: an unset one is shown in Chinese. */
export function translations(editor, changed) {
  const redraw = settled(changed, QUIET);
  const rows = fieldsOf(editor.saveSchema()).flatMap((field) => [
    row(field.label || field.key, field.properties?.['label:en'], (text) => {
      write(editor, field.id, 'properties', (old) => ({ ...old, 'label:en': text }));
      redraw();
    }),
    ...(field.values ?? []).map((value, index) =>
      row(`— ${value.label}`, value['label:en'], (text) => {
        write(editor, field.id, 'values', (old) =>
          old.map((one, at) => (at === index ? { ...one, 'label:en': text } : one)),
        );
        redraw();
      }),
    ),
  ]);
  return el(
    'section',
    { class: 'form-english', 'aria-label': t('英文') },
    el('h3', {}, t('英文')),
    el('table', {}, el('tbody', {}, rows)),
  );
}

const fieldsOf = (schema) =>
  (schema.components ?? []).flatMap((one) => [...(one.label || one.values ? [one] : []), ...fieldsOf(one)]);

function row(chinese, english, typed) {
  const input = el('input', {
    class: 'form-control form-control-sm',
    value: english ?? '',
    'aria-label': t('{name}的英文', { name: chinese }),
    oninput: (event) => typed(event.target.value),
  });
  return el('tr', {}, el('th', { scope: 'row' }, chinese), el('td', {}, input));
}

function write(editor, id, property, change) {
  const field = editor.get('formFieldRegistry').get(id);
  editor.get('modeling').editFormField(field, property, change(field[property] ?? (property === 'values' ? [] : {})));
}
