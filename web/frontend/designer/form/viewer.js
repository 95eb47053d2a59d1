import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import './form.css';
import { el } from '../workspace/dom.js';
import { inEnglish, t } from '../words/text.js';
import { formBar } from './bar.js';
import { preview } from './preview.js';

/** A form to look at: as people see it in both languages and with a step's rights. */
export function mount(root, { house, path }) {
  const ways = [
    ['zh', t('预览：中文')],
    ['en', t('预览：英文')],
  ];
  const bar = formBar({ ways, house, path, look });
  const looks = el('div', { class: 'form-preview' });
  root.replaceChildren(el('div', { class: 'form-tab' }, bar.root, looks));
  let content = '';
  let leave = null;

  async function look(way) {
    bar.press(way, true);
    leave?.();
    const paper = el('div', { class: 'form-paper', lang: way });
    looks.replaceChildren(paper);
    leave = await preview(paper, JSON.parse(content), { language: way, rights: bar.rights });
  }

  return {
    async open(text) {
      content = text;
      await look(inEnglish ? 'en' : 'zh');
      return [];
    },
    text: async () => content,
    jump: () => false,
    show: () => {},
    leave: () => leave?.(),
  };
}
