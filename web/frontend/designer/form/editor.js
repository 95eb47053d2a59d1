import './styles.js';
import { FormEditor } from '@bpmn-io/form-js-editor';
import { el } from '../workspace/dom.js';
import { t } from '../words/text.js';
import { translateModule } from '../words/translate.js';
import { formBar } from './bar.js';
import { preview } from './preview.js';
import { translations } from './translations.js';

/** The editor of one form, and beside it how it looks to people in both languages and with a node's rights. */
export function mount(root, { changed, house, path }) {
  const canvas = el('div', { class: 'form-canvas' });
  const looks = el('div', { class: 'form-preview', hidden: true });
  const ways = [
    ['edit', t('编辑')],
    ['zh', t('预览：中文')],
    ['en', t('预览：英文')],
  ];
  const bar = formBar({ ways, house, path, look });
  root.replaceChildren(el('div', { class: 'form-tab' }, bar.root, canvas, looks));

  const editor = new FormEditor({
    container: canvas,
    additionalModules: [translateModule],
  });
  let opening = false;
  let leavePreview = null;
  editor.on('changed', () => !opening && changed());

  const text = async () => `${JSON.stringify(editor.saveSchema(), null, 2)}\n`;

  async function look(way) {
    bar.press(way, way !== 'edit');
    canvas.hidden = way !== 'edit';
    looks.hidden = way === 'edit';
    leavePreview?.();
    leavePreview = null;
    if (way === 'edit') return;
    const draw = () => preview(paper, editor.saveSchema(), { language: way, rights: bar.rights });
    const paper = el('div', { class: 'form-paper', lang: way });
    looks.replaceChildren(paper, ...(way === 'en' ? [translations(editor, redraw)] : []));
    leavePreview = await draw();

    async function redraw() {
      leavePreview?.();
      leavePreview = await draw();
    }
  }

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
