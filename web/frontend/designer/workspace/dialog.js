import { el } from './dom.js';
import { t } from '../words/text.js';

/**
 * Asks in a dialog. `fields` are elements between the words and the buttons; `buttons` are `[value, label, class]`.
 * Resolves to the value of the button that was pressed, and null when the dialog was left.
 */
export function ask({ title, words = '', fields = [], buttons, leave = t('取消') }) {
  return new Promise((resolve) => {
    const close = (value) => {
      dialog.close();
      resolve(value);
    };
    const form = el(
      'form',
      {
        method: 'dialog',
        'data-sent': 'never',
        onsubmit: (event) => {
          event.preventDefault();
          close(event.submitter?.value ?? null);
        },
      },
      el('h2', { id: 'designer-dialog-title' }, title),
      words && el('p', {}, words),
      ...fields,
      el(
        'div',
        { class: 'buttons' },
        ...buttons.map(([value, label, kind = '']) => el('button', { class: `btn ${kind}`, value }, label)),
        el('button', { type: 'button', class: 'btn', onclick: () => close(null) }, leave),
      ),
    );
    const dialog = el(
      'dialog',
      { class: 'designer-dialog', 'aria-labelledby': 'designer-dialog-title' },
      el('div', { class: 'inside' }, form),
    );
    dialog.addEventListener('cancel', () => resolve(null));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    form.querySelector('input, textarea, select')?.focus();
  });
}

/** Shows that something long is going on until `act` is done; resolves and throws as `act` does. */
export async function busy(title, act) {
  const dialog = el(
    'dialog',
    { class: 'designer-dialog', 'aria-labelledby': 'designer-busy-title', 'aria-busy': 'true' },
    el(
      'div',
      { class: 'inside', tabindex: -1 },
      el('h2', { id: 'designer-busy-title' }, title),
      el('progress', { class: 'w-100', 'aria-labelledby': 'designer-busy-title' }),
    ),
  );
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  try {
    return await act();
  } finally {
    dialog.close();
    dialog.remove();
  }
}

/** A labelled control for a dialog. */
export const labelled = (label, control) => el('label', { class: 'form-label d-block' }, label, control);
