import { colon, t } from '../words/text.js';
import { serverOf } from './api.js';
import { Bar } from './bar.js';
import { Checking } from './checking.js';
import { Comments } from './comments.js';
import { commandsOf } from './commands.js';
import { settleConflict } from './conflict.js';
import { ask } from './dialog.js';
import { Dock } from './dock.js';
import { el, settled } from './dom.js';
import { Draft } from './draft.js';
import { RequestFailed } from './failure.js';
import { Filing } from './filing.js';
import { History } from './history.js';
import { House } from './house.js';
import { Presence } from './presence.js';
import { Tabs } from './tabs.js';

const QUIET = 300;
const WIDE = 1024;

/** The designer of one package: its files as tabs, saving, checking, trying, comparing, publishing. */
export class Workspace {
  constructor(root) {
    this.root = root;
    const { base, key, name, mayEdit, mayPublish, main } = root.dataset;
    const query = new URLSearchParams(location.search);
    Object.assign(this, { base, main: query.get('tab') ?? main, element: query.get('element') });
    this.thread = query.get('thread');
    this.published = query.get('version');
    this.narrow = innerWidth < WIDE;
    const draft = !this.published;
    this.may = {
      edit: draft && mayEdit === 'true' && !this.narrow,
      ask: draft && mayEdit === 'true',
      publish: draft && mayPublish === 'true',
      check: draft,
      comment: draft,
    };
    this.server = serverOf(base);
    this.draft = new Draft({ ask: this.server, key, storage: localStorage });
    this.house = new House(this.draft);
    this.#build(name || key);
  }

  #build(name) {
    const parts = ['bar', 'strip', 'banner', 'undone', 'stage', 'dock'];
    const [bar, strip, banner, undone, stage, dock] = parts.map((part) => el('div', { class: `designer-${part}` }));
    banner.setAttribute('role', 'alert');
    undone.setAttribute('role', 'status');
    this.root.replaceChildren(bar, strip, banner, undone, stage, dock);
    Object.assign(this, { banner, undone });
    this.dock = new Dock(dock);
    this.bar = new Bar(bar, { name, acts: commandsOf(this), may: this.may });
    this.tabs = new Tabs({
      strip,
      stage,
      text: (path) => this.draft.text(path),
      context: (path, tab) => this.#context(path, tab),
      choose: (path) => this.report(() => this.tabs.show(path)),
      shown: (tab) => this.#shown(tab),
      add: () => this.report(() => this.filing.add()),
      rename: (path) => this.report(() => this.filing.rename(path)),
      remove: (path) => this.report(() => this.filing.remove(path)),
      readOnly: !this.may.edit,
    });
    this.filing = new Filing({
      draft: this.draft,
      tabs: this.tabs,
      offer: (sentence, undo) => this.tell(sentence, undo),
      checked: () => {
        this.draw();
        this.checking.soon();
      },
    });
    this.checking = new Checking({
      server: this.server,
      draft: this.draft,
      found: (findings) => this.#found(findings),
    });
    this.comments = new Comments(this.dock.place('comments', t('评论')), {
      server: this.server,
      base: this.base,
      report: (act) => this.report(act),
      say: (sentence) => this.say(sentence),
      where: () => this.#where(),
      nameOf: (element) => this.tabs.current?.editor.name?.(element),
      goTo: ({ path, element }) => this.goTo(path, element),
      changed: () => this.#pin(),
    });
    this.history = new History(this.dock.place('history', t('历史')), {
      server: this.server,
      base: this.base,
      draft: this.draft,
      may: this.may,
      report: (act) => this.report(act),
      replaced: () => this.#takeTheirs(),
    });
    this.findings = this.dock.place('check', t('检查'));
    this.trial = this.dock.place('sandbox', t('试运行'));
  }

  /** Loads the draft and opens the main diagram; says so when that fails. */
  async begin() {
    await this.report(async () => {
      const answer = this.published ? await this.#openPublished() : await this.draft.load();
      this.broken = answer.broken ?? {};
      if (this.may.edit) await this.#offerLeftOver();
      await this.report(() => this.house.refresh(this.server));
      const paths = this.draft.paths();
      const first = paths.includes(this.main) ? this.main : (paths.find((path) => path.endsWith('.bpmn')) ?? paths[0]);
      if (first) await this.tabs.show(first);
      if (this.element) this.tabs.current?.editor.jump(this.element);
      this.bar.reviewed(answer.review);
      this.#listen();
      if (this.published) return;
      this.checking.soon();
      await this.report(() => this.comments.refresh());
      if (this.thread) {
        this.dock.open('comments');
        this.comments.show(this.thread);
      }
    });
    this.root.dataset.ready = 'yes';
    if (this.published) this.tell(t('第 {n} 版，只能查看。', { n: this.published }));
    else if (this.narrow) this.tell(t('这里可以看、评论和发布；要画，请用宽一些的屏幕打开。'));
  }

  async #openPublished() {
    const answer = await this.server('GET', `versions/${this.published}/files`);
    this.draft.files = answer.files;
    return answer;
  }

  #listen() {
    this.draft.addEventListener('state', (event) => this.#stateChanged(event));
    this.bar.show(this.draft);
    this.leaving = (event) => (this.draft.changed.size || this.#waits()) && event.preventDefault();
    addEventListener('beforeunload', this.leaving);
    this.online = () => this.draft.save();
    addEventListener('online', this.online);
    if (this.published) return;
    this.presence = new Presence(this.bar.faces, {
      server: this.server,
      base: this.base,
      where: () => this.#where(),
      heard: (answer) => this.#heard(answer),
    });
    this.presence.tell();
  }

  /** Runs what may fail; what the server or the network says against it is shown, and nothing is lost. */
  async report(act) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const places = Object.entries(error.problem.fields ?? {}).map(([place, why]) => colon(place, why));
      this.say([error.message, ...places].join(' '));
      return undefined;
    }
  }

  say(sentence, ...buttons) {
    const close = el('button', { type: 'button', class: 'quiet', onclick: () => this.say('') }, t('知道了'));
    this.banner.replaceChildren(...(sentence ? [el('span', {}, sentence), ...buttons, close] : []));
  }

  /** Says what stays true while other tabs are looked at: what was done to the files, with a button that takes it back. */
  tell(sentence, undo) {
    const done = () => this.undone.replaceChildren();
    const back = () => {
      done();
      return this.report(undo);
    };
    this.undone.replaceChildren(
      el('span', {}, sentence),
      ...(undo ? [el('button', { type: 'button', class: 'btn btn-sm', onclick: back }, t('撤销'))] : []),
      el('button', { type: 'button', class: 'quiet', onclick: done }, t('知道了')),
    );
  }

  #context(path, tab) {
    const takeOver = (tab.changed = settled(() => this.#edited(tab), QUIET));
    return {
      path,
      house: this.house,
      ask: this.server,
      readOnly: !this.may.edit,
      changed: () => {
        this.draft.expect();
        takeOver();
      },
      chooseFinding: () => this.dock.open('check'),
      chooseComment: (id) => {
        this.goTo(path, id);
        this.dock.open('comments');
      },
      // What a listener of bpmn-js returns keeps the event from the next one.
      chosen: () => void (this.dock.shows('comments') && this.comments.aim()),
    };
  }

  #waits() {
    return [...this.tabs.open.values()].some((tab) => tab.changed?.waits());
  }

  /** Takes over what was drawn or typed a moment ago, and saves it. */
  async flush() {
    for (const tab of this.tabs.open.values()) await tab.changed?.now();
    await this.draft.save();
  }

  async #edited(tab) {
    this.draft.edit(tab.path, await tab.editor.text());
    this.checking.soon();
  }

  #shown(tab) {
    this.bar.offer(tab.editor);
    this.draw();
    this.#sayBroken(tab);
    tab.editor.show(this.checking.of(tab.path));
    this.#pin();
    this.sandbox?.redraw();
  }

  /** A file that cannot be read opens with a sentence, and with its last good text where there is one. */
  #sayBroken(tab) {
    const broken = this.broken[tab.path];
    const asText = (text) => async () => {
      if (text !== undefined) this.draft.edit(tab.path, text);
      const opened = await this.tabs.show(tab.path, 'text');
      if (broken?.line) opened?.editor.line(broken.line);
    };
    const button = (words, act) => el('button', { type: 'button', class: 'btn btn-sm', onclick: act }, words);
    if (broken && tab.kind !== 'text') {
      this.say(
        t('{path} 最后保存的内容读不出来（{why}），这里是上一份好的。', { path: tab.path, why: broken.message }),
        ...(this.may.edit
          ? [button(t('修改那份文字'), asText(broken.text)), button(t('放弃那份文字'), () => this.#discard(tab.path))]
          : []),
      );
    } else if (tab.broken) {
      this.say(t('{path} 打不开：{why}', { path: tab.path, why: tab.broken }), button(t('作为文字打开'), asText()));
    } else if (tab.warnings.length) {
      this.say(t('{path} 里有读不懂的地方：{what}', { path: tab.path, what: tab.warnings.join(' ') }));
    } else this.say('');
  }

  async #discard(path) {
    await this.report(async () => {
      this.draft.follow(await this.server('PUT', 'draft', { version: this.draft.version, files: {}, discard: [path] }));
      delete this.broken[path];
      this.say('');
    });
  }

  /** Draws the strip of files. */
  draw() {
    this.tabs.draw(this.draft.paths(), this.checking.marks());
  }

  #found({ findings, errors }) {
    this.bar.count('check', t('检查'), findings.length, errors ? 'error' : findings.length ? 'warning' : '');
    this.checking.draw(this.findings, {
      jump: (finding) => this.goTo(finding.path, finding.element, finding.line),
      fix: (fix) => this.#fix(fix),
      mayFix: this.may.edit,
    });
    this.draw();
    const tab = this.tabs.current;
    tab?.editor?.show(this.checking.of(tab.path));
  }

  async #fix({ path, changes }) {
    const tab = await this.tabs.show(path);
    if (!tab) return;
    const { applyFix } = await import('../bpmn/fixes.js');
    applyFix(tab.editor.modeler, changes);
  }

  /** Shows a file, and in it an element or a line. */
  async goTo(path, element, line) {
    if (!this.draft.paths().includes(path)) return;
    const tab = this.tabs.active === path ? this.tabs.current : await this.tabs.show(path);
    if (!tab) return;
    if (!tab.editor.jump(element) && line) tab.editor.line?.(line);
  }

  #where() {
    const editor = this.tabs.current?.editor;
    const element = editor?.selected?.() ?? null;
    const name = element && editor.name(element);
    return { path: this.tabs.active, element, name };
  }

  #pin() {
    const tab = this.tabs.current;
    tab?.editor.pin?.(this.comments.open(tab.path));
    this.bar.count('comments', t('评论'), this.comments.threads.filter((one) => !one.resolved).length);
  }

  async #stateChanged({ state, detail }) {
    this.bar.show(this.draft);
    if (detail?.broken) this.broken = detail.broken;
    if (state === 'conflict') await this.settle(detail);
    if (state === 'saved' && detail) await this.report(() => this.house.refresh(this.server));
  }

  /** Lets the person choose what becomes of a conflict, and opens what is then the draft. */
  async settle(detail) {
    const settledBy = await settleConflict(this.draft, detail, { compare: () => this.#compareWithMine() });
    if (settledBy) await this.#reopen();
  }

  async #takeTheirs() {
    this.broken = (await this.draft.takeTheirs()).broken ?? {};
    await this.#reopen();
  }

  /** Opens the files anew after the draft was replaced from outside this tab's editors. */
  async #reopen() {
    const paths = this.draft.paths();
    this.tabs.keep(paths);
    for (const path of paths) await this.tabs.reload(path);
    if (!this.tabs.current && paths.length) await this.tabs.show(paths[0]);
    this.bar.show(this.draft);
    this.draw();
    this.checking.soon();
  }

  async #compareWithMine() {
    const theirs = await this.server('GET', 'draft');
    const mine = Object.fromEntries(this.draft.paths().map((path) => [path, this.draft.text(path)]));
    const [{ showInDialog }, { changesBetween }] = await Promise.all([
      import('../compare/dialog.js'),
      import('../compare/changes.js'),
    ]);
    await showInDialog({
      from: { label: t('别人保存的'), files: theirs.files },
      to: { label: t('我的'), files: mine },
      changes: await changesBetween(theirs.files, mine),
    });
  }

  #heard({ version, saved_by: who, review }) {
    this.bar.reviewed(review);
    if (version === this.draft.version || this.draft.state !== 'saved') return;
    const take = async () => {
      await this.report(() => this.#takeTheirs());
      this.say('');
    };
    this.say(
      t('{who} 保存了新的草稿。', { who }),
      el('button', { type: 'button', class: 'btn btn-sm', onclick: take }, t('更新到最新')),
    );
  }

  async #offerLeftOver() {
    const left = this.draft.leftOver();
    if (!left) return;
    const answer = await ask({
      title: t('上次有没保存的改动'),
      words: t('本机留有没能保存的文字：{paths}。', { paths: Object.keys(left.files).join('、') }),
      buttons: [
        ['take', t('恢复'), 'btn-primary'],
        ['drop', t('放弃')],
      ],
    });
    if (answer === 'take') {
      this.draft.version = left.version;
      for (const [path, text] of Object.entries(left.files)) this.draft.edit(path, text);
    } else if (answer === 'drop') this.draft.forget();
  }

  leave() {
    removeEventListener('beforeunload', this.leaving);
    removeEventListener('online', this.online);
    this.presence?.stop();
    this.checking.stop();
    this.flush().then(() => this.tabs.keep([]));
  }
}
