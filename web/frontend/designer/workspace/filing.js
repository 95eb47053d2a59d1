import { ask, labelled } from './dialog.js';
import { el } from './dom.js';
import { askForFile, NAME } from './files.js';
import { t } from '../words/text.js';

const FORM = '.form';
const stem = (path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');

/** Files of a package are added, renamed and deleted; what was deleted or renamed can be taken back. */
export class Filing {
  /** `offer(sentence, undo)` says what was done, with a button that takes it back; `checked` asks for a check. */
  constructor({ draft, tabs, offer, checked }) {
    Object.assign(this, { draft, tabs, offer, checked });
  }

  async add() {
    const added = await askForFile(this.draft.paths());
    if (!added) return;
    const [path, text] = added;
    if (text !== null) this.draft.edit(path, text);
    await this.tabs.show(path);
    this.checked();
  }

  async remove(path) {
    const text = await this.#text(path);
    await this.#put(path, null);
    this.offer(t('已删除 {path}。', { path }), () => this.#put(path, text));
  }

  async rename(path) {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const suffix = path.slice(path.lastIndexOf('.'));
    const name = el('input', { class: 'form-control', pattern: NAME, required: true, value: stem(path) });
    const answer = await ask({
      title: t('重命名 {path}', { path }),
      words: suffix === FORM ? t('用到它的环节跟着改。') : t('名称用小写字母、数字和连字符。'),
      fields: [labelled(t('名称'), name)],
      buttons: [['rename', t('重命名'), 'btn-primary']],
    });
    const renamed = `${folder}${name.value}${suffix}`;
    if (!answer || renamed === path) return;
    if (this.draft.paths().includes(renamed)) {
      this.offer(t('已有 {path}。', { path: renamed }));
      return;
    }
    await this.#move(path, renamed);
    this.offer(t('{from} 已改名为 {to}。', { from: path, to: renamed }), () => this.#move(renamed, path));
  }

  async #move(from, to) {
    this.draft.edit(to, await this.#text(from));
    await this.#put(from, null, to);
    if (from.endsWith(FORM)) await this.#follow(stem(from), stem(to));
  }

  /** The text as the screen has it: an open editor may not have given its last change yet. */
  async #text(path) {
    await this.tabs.open.get(path)?.changed?.now();
    return this.draft.text(path);
  }

  async #put(path, text, shown = text === null ? undefined : path) {
    this.draft.edit(path, text);
    if (text === null) this.tabs.close(path);
    const next = shown ?? this.draft.paths()[0];
    if (next) await this.tabs.show(next);
    else this.tabs.active = null;
    this.checked();
  }

  /** Lets the steps of the diagrams show the form under its new name: open ones as a change that Ctrl Z takes back. */
  async #follow(before, after) {
    const own = new RegExp(`(\\sduban:form=")${before}((?:\\.form)?")`, 'g');
    for (const path of this.draft.paths().filter((one) => one.endsWith('.bpmn'))) {
      const { editor } = this.tabs.open.get(path) ?? {};
      if (editor?.useForm) editor.useForm(before, after);
      else this.draft.edit(path, this.draft.text(path).replace(own, `$1${after}$2`));
    }
  }
}
