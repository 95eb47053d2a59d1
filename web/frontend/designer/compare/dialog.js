import { ask, labelled } from '../workspace/dialog.js';
import { el } from '../workspace/dom.js';
import { colon, t } from '../words/text.js';
import { showComparison } from './compare.js';

/** Shows a comparison over the whole window; resolves when it is closed. */
export function showInDialog(compared) {
  return new Promise((resolve) => {
    const body = el('div', { class: 'compare-body' });
    const title = el('h2', {}, t('对比：{from} → {to}', { from: compared.from.label, to: compared.to.label }));
    const close = el('button', { type: 'button', class: 'btn btn-sm', onclick: () => dialog.close() }, t('关闭'));
    const dialog = el(
      'dialog',
      { class: 'compare-dialog', 'aria-label': t('对比') },
      el('header', {}, title, close),
      body,
    );
    let leave = null;
    dialog.addEventListener('close', () => {
      leave?.();
      dialog.remove();
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
    showComparison(body, compared).then((stop) => (leave = stop));
  });
}

/** Asks which two states of the package to compare, and shows them. */
export async function chooseAndShow(server) {
  const { versions } = await server('GET', 'versions');
  const options = () => [
    el('option', { value: 'draft' }, t('草稿')),
    ...versions.map((one) =>
      el(
        'option',
        { value: one.version },
        one.note ? colon(t('第 {n} 版', { n: one.version }), one.note) : t('第 {n} 版', { n: one.version }),
      ),
    ),
  ];
  const [from, to] = [
    el('select', { class: 'form-select' }, options()),
    el('select', { class: 'form-select' }, options()),
  ];
  from.value = versions.find((one) => one.live)?.version ?? 'draft';
  const answer = await ask({
    title: t('对比'),
    fields: [labelled(t('从'), from), labelled(t('到'), to)],
    buttons: [['show', t('对比'), 'btn-primary']],
  });
  if (!answer) return;
  const query = new URLSearchParams({ from: from.value, to: to.value });
  await showInDialog(await server('GET', `compare?${query}`));
}
