import { ask, busy, labelled } from './dialog.js';
import { el } from './dom.js';
import { published } from './publishing.js';
import { moment, t } from '../words/text.js';

const when = (at) => el('time', { datetime: at }, moment(at));

/** What was published and what was saved: looked at, compared, brought back. A rollback is a publication of its own. */
export class History {
  /** `replaced` opens the draft anew after the server has changed it. */
  constructor(root, { server, base, draft, may, report, replaced }) {
    Object.assign(this, { root, server, base, draft, may, report, replaced });
  }

  async refresh() {
    const [told, { revisions }] = await Promise.all([
      this.server('GET', 'versions'),
      this.server('GET', 'draft/history'),
    ]);
    this.versions = told.versions;
    const none = (words) => el('p', { class: 'blank' }, words);
    this.root.replaceChildren(
      el(
        'div',
        { class: 'history' },
        el(
          'section',
          {},
          el('h3', {}, t('发布')),
          told.publications.length ? el('ol', {}, this.#publications(told.publications)) : none(t('还没有发布过。')),
        ),
        el(
          'section',
          {},
          el(
            'h3',
            {},
            t('草稿'),
            this.may.edit && revisions.length > 0 && this.#button('discard', t('放弃草稿'), () => this.#discard()),
          ),
          revisions.length ? el('ol', {}, this.#revisions(revisions)) : none(t('草稿还没有保存过。')),
        ),
      ),
    );
  }

  #publications(publications) {
    const told = new Set();
    return publications.map((one) => {
      const version = this.versions.find(({ version: number }) => number === one.version);
      const newest = !told.has(one.version);
      told.add(one.version);
      return el(
        'li',
        { 'data-version': one.version },
        el(
          'span',
          { class: 'line' },
          el('b', {}, one.again ? t('回到第 {n} 版', { n: one.version }) : t('第 {n} 版', { n: one.version })),
          newest && version.live && el('span', { class: 'chip green' }, t('现行')),
          newest && version.running > 0 && el('span', { class: 'chip' }, t('运行中 {n}', { n: version.running })),
          el('span', {}, one.published_by),
          when(one.published_at),
        ),
        el('span', { class: 'pre' }, one.note),
        newest && this.#ofVersion(version),
      );
    });
  }

  #ofVersion(version) {
    const { version: n, live } = version;
    return el(
      'span',
      { class: 'acts' },
      el('a', { href: `${this.base}/?version=${n}`, target: '_blank' }, t('查看')),
      this.#button('compare', t('与草稿对比'), () => this.#compare(n)),
      el('a', { href: `${this.base}/export.zip?version=${n}` }, t('导出')),
      this.may.edit && this.#button('from', t('作为草稿'), () => this.#from(n)),
      this.may.publish && !live && this.#button('again', t('重新发布这一版'), () => this.#again(n)),
    );
  }

  #revisions(revisions) {
    return revisions.map((one, at) =>
      el(
        'li',
        { 'data-revision': one.version },
        el('span', { class: 'line' }, el('b', {}, one.saved_by), when(one.saved_at), el('span', {}, one.note)),
        el('span', { class: 'text-secondary' }, one.paths.join('、')),
        el(
          'span',
          { class: 'acts' },
          this.#button('compare', t('与草稿对比'), () => this.#compare(`draft:${one.version}`)),
          this.may.edit && at > 0 && this.#button('restore', t('恢复到这里'), () => this.#restore(one.version)),
        ),
      ),
    );
  }

  #button(act, words, onclick) {
    return el(
      'button',
      { type: 'button', class: 'quiet', 'data-act': act, onclick: () => this.report(onclick) },
      words,
    );
  }

  async #compare(from) {
    await this.draft.save();
    const { showInDialog } = await import('../compare/dialog.js');
    await showInDialog(await this.server('GET', `compare?${new URLSearchParams({ from, to: 'draft' })}`));
  }

  #restore(to) {
    return this.#replace('POST', 'draft/restore', { to });
  }

  #from(version) {
    return this.#replace('POST', 'draft/from', { published: version });
  }

  async #discard() {
    const answer = await ask({
      title: t('放弃草稿？'),
      words: t('回到现行版本。草稿留在历史里，可以恢复。'),
      buttons: [['yes', t('放弃草稿'), 'btn-danger']],
    });
    if (answer) await this.#replace('DELETE', 'draft', {});
  }

  /** Changes the draft on the server; nothing unsaved is lost, because it is saved first and stays in the history. */
  async #replace(method, path, body) {
    await this.draft.save();
    await this.server(method, path, { version: this.draft.version, ...body });
    await this.replaced();
    await this.refresh();
  }

  async #again(version) {
    const note = el('textarea', { class: 'form-control', rows: 3, maxlength: 300, name: 'note', required: true });
    const answer = await ask({
      title: t('重新发布第 {n} 版？', { n: version }),
      words: t('它成为现行版本，新发起的用它；正在运行的实例不变，发布后可以迁移。发布记录里另记一条。'),
      fields: [labelled(t('为什么回退'), note)],
      buttons: [['publish', t('发布'), 'btn-primary']],
    });
    if (!answer) return;
    const again = () => this.server('POST', `versions/${version}/publish`, { note: note.value });
    const done = await busy(t('正在发布…'), again);
    await this.replaced();
    await this.refresh();
    await published(done);
  }
}
