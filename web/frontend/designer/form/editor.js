import './styles.js';
import { FormEditor } from '@bpmn-io/form-js-editor';
import { el } from '../workspace/dom.js';
import { t } from '../words/text.js';
import { translateModule } from '../words/translate.js';
import { preview } from './preview.js';
import { translations } from './translations.js';

/** The editor of one form, and beside it how it looks to people in both languages and with a node's rights. */
export function mount(root, { changed, house, path }) {
  const canvas = el('div', { class: 'form-canvas' });
  const looks = el('div', { class: 'form-preview', hidden: true });
  const choices = [
    ['edit', t('编辑')],
    ['zh', t('预览：中文')],
    ['en', t('预览：英文')],
  ];
  const bar = el('div', { class: 'form-bar', role: 'toolbar', 'aria-label': t('表单视图') });
  const nodes = el('select', {
    class: 'form-select form-select-sm',
    'aria-label': t('按环节的字段权限'),
    hidden: true,
  });
  root.replaceChildren(el('div', { class: 'form-tab' }, bar, canvas, looks));

  const editor = new FormEditor({
    container: canvas,
    additionalModules: [translateModule],
  });
  let opening = false;
  let leavePreview = null;
  editor.on('changed', () => !opening && changed());

  const text = async () => `${JSON.stringify(editor.saveSchema(), null, 2)}\n`;

  async function look(way) {
    for (const button of bar.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset.way === way));
    }
    canvas.hidden = way !== 'edit';
    looks.hidden = nodes.hidden = way === 'edit';
    leavePreview?.();
    leavePreview = null;
    if (way === 'edit') return;
    offerNodes();
    const draw = () => preview(paper, editor.saveSchema(), { language: way, rights: nodes.value });
    const paper = el('div', { class: 'form-paper', lang: way });
    looks.replaceChildren(paper, ...(way === 'en' ? [translations(editor, redraw)] : []));
    leavePreview = await draw();

    async function redraw() {
      leavePreview?.();
      leavePreview = await draw();
    }
  }

  function offerNodes() {
    const chosen = nodes.value;
    const using = house.nodesUsing(path);
    nodes.replaceChildren(
      el('option', { value: '' }, t('不看权限')),
      ...using.map((one) => el('option', { value: one.rights }, one.name)),
    );
    nodes.value = using.some((one) => one.rights === chosen) ? chosen : '';
  }

  bar.replaceChildren(
    ...choices.map(([way, label]) =>
      el('button', { type: 'button', 'data-way': way, onclick: () => look(way) }, label),
    ),
    nodes,
  );
  nodes.addEventListener('change', () => look(bar.querySelector('[aria-pressed=true]').dataset.way));

  return {
    editor,
    async open(content) {
      opening = true;
      try {
        const { warnings = [] } = await editor.importSchema(JSON.parse(content));
        await look('edit');
        return warnings.map((one) => one.message ?? String(one));
      } finally {
        opening = false;
      }
    },
    text,
    jump: () => false,
    show: () => {},
    undo: () => editor.get('commandStack').undo(),
    redo: () => editor.get('commandStack').redo(),
    leave() {
      leavePreview?.();
      editor.destroy();
    },
  };
}
