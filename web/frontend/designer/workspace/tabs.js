import pencil from '#icons/pencil.svg?raw';
import plus from '#icons/plus.svg?raw';
import trash from '#icons/trash.svg?raw';
import { el } from './dom.js';
import { RequestFailed } from './failure.js';
import { t } from '../words/text.js';

/**
 * The open files of a package, one of them shown. An editor is mounted when its tab is first shown, because drawing
 * into a hidden element fails, and keeps its undo history while other tabs are shown.
 *
 * Every editor gives `open(text)` (resolves to warnings, rejects when the text is not readable), `text()`, `jump(id)`
 * (whether it has such an element), `show(findings)` and `leave()`; diagrams also `simulate`, `arrange`, `pin` and more.
 */
const LOADERS = {
  bpmn: () => import('../bpmn/editor.js'),
  dmn: () => import('../dmn/editor.js'),
  form: () => import('../form/editor.js'),
  text: () => import('../text/editor.js'),
  'bpmn-viewer': () => import('../bpmn/viewer.js'),
  'dmn-viewer': () => import('../dmn/viewer.js'),
  'form-viewer': () => import('../form/viewer.js'),
};

/** Returns the kind of editor for a path, or of what only shows it. */
export function kindOf(path, readOnly = false) {
  const suffix = path.slice(path.lastIndexOf('.') + 1);
  const kind = readOnly ? `${suffix}-viewer` : suffix;
  return kind in LOADERS ? kind : 'text';
}

export class Tabs {
  #opening = null;

  /** `context(path)` gives what an editor is mounted with; `text(path)` the text it opens. */
  constructor({ strip, stage, text, context, choose, shown, add, rename, remove, readOnly }) {
    Object.assign(this, { strip, stage, text, context, choose, shown, add, rename, remove, readOnly });
    this.open = new Map();
    this.active = null;
  }

  /** Draws the strip of tabs for these paths; `marks` has the severity of the worst finding by path. */
  draw(paths, marks = new Map()) {
    const tabs = paths.map((path) =>
      el(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `tab-${path}`,
          'aria-selected': String(path === this.active),
          'data-severity': marks.get(path),
          onclick: () => this.choose(path),
        },
        path,
      ),
    );
    const more = this.readOnly ? [] : [this.#button(plus, t('添加文件'), this.add)];
    if (!this.readOnly && this.active) {
      more.push(this.#button(pencil, t('重命名 {path}', { path: this.active }), () => this.rename(this.active)));
      more.push(this.#button(trash, t('删除 {path}', { path: this.active }), () => this.remove(this.active)));
    }
    this.strip.replaceChildren(el('div', { role: 'tablist', 'aria-label': t('文件') }, tabs), ...more);
    this.strip.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #button(icon, words, onclick) {
    return el('button', { type: 'button', class: 'add', title: words, 'aria-label': words, html: icon, onclick });
  }

  /**
   * Shows a file, as plain text when it cannot be read otherwise. Returns its tab; null when another file was asked for
   * before this one's turn, because what is opening stays in sight until it is drawn.
   */
  async show(path, kind = kindOf(path, this.readOnly)) {
    this.active = path;
    while (this.#opening) await this.#opening.catch(() => {});
    if (this.active !== path) return null;
    for (const one of this.open.values()) one.root.hidden = one.path !== path;
    const tab = this.open.get(path);
    return tab?.kind === kind ? this.#seen(tab) : this.#seen(await this.#openFirst(path, kind));
  }

  #seen(tab) {
    if (this.active === tab.path) this.shown(tab);
    return tab;
  }

  async #openFirst(path, kind) {
    this.#opening = this.#mount(path, kind);
    try {
      return await this.#opening;
    } finally {
      this.#opening = null;
    }
  }

  /** Opens a file anew after its text was replaced from outside. */
  async reload(path) {
    const tab = this.open.get(path);
    if (tab) await this.#fill(tab);
  }

  /** Takes away the editors of files that are gone. */
  keep(paths) {
    for (const path of [...this.open.keys()]) if (!paths.includes(path)) this.close(path);
  }

  close(path) {
    const tab = this.open.get(path);
    this.open.delete(path);
    tab?.changed?.stop();
    tab?.editor?.leave();
    tab?.root.remove();
  }

  get current() {
    return this.open.get(this.active) ?? null;
  }

  async #mount(path, kind) {
    this.close(path);
    const root = el('div', { class: 'sheet', role: 'tabpanel', 'aria-labelledby': `tab-${path}`, 'data-kind': kind });
    this.stage.append(root);
    const tab = { path, kind, root, editor: null, warnings: [], broken: null };
    this.open.set(path, tab);
    root.append(el('p', { class: 'waiting' }, t('正在打开…')));
    const { mount } = await LOADERS[kind]().catch(() => {
      this.close(path); // the next click asks for it again
      throw new RequestFailed(
        0,
        {},
        t('{path} 的编辑器没有加载出来：网络不通，或者服务器刚刚升级。请再点一次，还不行就刷新页面。', { path }),
      );
    });
    root.replaceChildren();
    tab.editor = mount(root, this.context(path, tab));
    await this.#fill(tab);
    root.dataset.ready = 'yes';
    return tab;
  }

  async #fill(tab) {
    try {
      tab.warnings = await tab.editor.open(this.text(tab.path) ?? '');
      tab.broken = null;
    } catch (error) {
      tab.broken = error.message;
    }
  }
}
