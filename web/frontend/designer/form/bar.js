import { el } from '../workspace/dom.js';
import { t } from '../words/text.js';

/**
 * The bar of a form: `ways` to look at it as `[value, label]`, and the steps that show it, with whose rights it can be
 * seen. `look` is called with the way that was chosen, and again when another step was.
 */
export function formBar({ ways, house, path, look }) {
  const steps = el('select', {
    class: 'form-select form-select-sm',
    'aria-label': t('按环节的字段权限'),
    hidden: true,
    onchange: () => look(root.querySelector('[aria-pressed=true]').dataset.way),
  });
  const buttons = ways.map(([way, label]) =>
    el('button', { type: 'button', 'data-way': way, onclick: () => look(way) }, label),
  );
  const root = el('div', { class: 'form-bar', role: 'toolbar', 'aria-label': t('表单视图') }, buttons, steps);

  return {
    root,
    get rights() {
      return steps.value;
    },
    /** Shows which way is looked at, and offers the steps where their rights can be `seen`. */
    press(way, seen) {
      for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.way === way));
      steps.hidden = !seen;
      if (seen) offer();
    },
  };

  function offer() {
    const chosen = steps.value;
    const using = house.nodesUsing(path);
    steps.replaceChildren(
      el('option', { value: '' }, t('不看权限')),
      ...using.map((one) => el('option', { value: one.rights }, one.name)),
    );
    steps.value = using.some((one) => one.rights === chosen) ? chosen : '';
  }
}
