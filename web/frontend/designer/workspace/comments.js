import { el } from './dom.js';
import { moment, t } from '../words/text.js';

/** The threads of a package: pinned to elements, answered, resolved, reopened; `@name` calls somebody. */
export class Comments {
  constructor(root, { server, base, report, say, where, nameOf, goTo, changed }) {
    Object.assign(this, { root, server, base, report, say, where, nameOf, goTo, changed });
    this.threads = [];
    this.withResolved = false;
  }

  async refresh() {
    this.threads = (await this.server('GET', 'comments')).threads;
    this.draw();
    this.changed();
  }

  /** Returns the open threads of a file. */
  open(path) {
    return this.threads.filter((one) => !one.resolved && one.path === path);
  }

  draw() {
    const shown = this.threads.filter((one) => this.withResolved || !one.resolved);
    const typed = this.root.querySelector('#designer-comment')?.value ?? '';
    this.about = el('label', { for: 'designer-comment' });
    this.root.replaceChildren(
      el(
        'form',
        { class: 'comment-form', 'data-sent': 'never', onsubmit: (event) => this.#send(event, this.#place()) },
        this.about,
        this.#calling(
          el('textarea', {
            class: 'form-control',
            id: 'designer-comment',
            name: 'text',
            rows: 2,
            maxlength: 2000,
            required: true,
            placeholder: t('用 @ 提到别人'),
            value: typed,
          }),
        ),
        el('button', { class: 'btn btn-sm btn-primary' }, t('发表')),
        el(
          'label',
          { class: 'form-check' },
          el('input', {
            type: 'checkbox',
            class: 'form-check-input',
            checked: this.withResolved,
            onchange: (event) => {
              this.withResolved = event.target.checked;
              this.draw();
            },
          }),
          t('显示已解决的'),
        ),
      ),
      shown.length
        ? el(
            'ul',
            { class: 'threads' },
            shown.map((thread) => this.#thread(thread)),
          )
        : el('p', { class: 'blank' }, t('还没有评论。选中一个元素再写，评论就钉在它上面。')),
    );
    this.aim();
    document.dispatchEvent(new Event('duban:placed'));
  }

  /** Says what a comment would be pinned to: the element that is selected, or the file. */
  aim() {
    const { path, element, name } = this.where();
    this.about.textContent = element ? t('评论“{name}”', { name: name || element }) : t('评论 {path}', { path });
  }

  #place() {
    const { path, element } = this.where();
    return { path, element };
  }

  /** Shows a thread, also a resolved one. */
  show(id) {
    const thread = this.threads.find((one) => one.id === id);
    if (!thread) return;
    this.withResolved ||= thread.resolved;
    this.draw();
    this.root.querySelector(`[data-thread="${id}"]`).scrollIntoView({ block: 'nearest' });
  }

  /** A field in which `@` offers people (`task/mentions.js`). */
  #calling(field) {
    return el('div', { class: 'calling', 'data-island': 'mentions', 'data-people': `${this.base}/people` }, field);
  }

  #thread(thread) {
    return el(
      'li',
      { class: thread.resolved ? 'resolved' : '', 'data-thread': thread.id },
      el(
        'button',
        { type: 'button', class: 'where', onclick: () => this.goTo(thread) },
        this.nameOf(thread.element) || thread.element || thread.path,
      ),
      el(
        'ul',
        {},
        thread.comments.map((one) =>
          el(
            'li',
            {},
            el('b', {}, one.author),
            ' ',
            el('time', { datetime: one.at }, moment(one.at)),
            el('p', { class: 'pre' }, marked(one)),
            one.mine &&
              el(
                'button',
                { type: 'button', class: 'quiet', onclick: () => this.#ask(['DELETE', `comments/${one.id}`]) },
                t('删除'),
              ),
          ),
        ),
      ),
      el(
        'form',
        { class: 'reply', 'data-sent': 'never', onsubmit: (event) => this.#send(event, { thread: thread.id }) },
        this.#calling(
          el('input', {
            class: 'form-control form-control-sm',
            name: 'text',
            required: true,
            autocomplete: 'off',
            'aria-label': t('回复'),
            placeholder: t('回复'),
          }),
        ),
        el(
          'button',
          {
            type: 'button',
            class: 'quiet',
            onclick: () => this.#ask(['POST', `comments/${thread.id}/resolve`, { resolved: !thread.resolved }]),
          },
          thread.resolved ? t('重新打开') : t('标为已解决'),
        ),
      ),
    );
  }

  #send(event, body) {
    event.preventDefault();
    const form = event.target;
    return this.#ask(['POST', 'comments', { ...body, text: form.elements.text.value }], () => form.reset());
  }

  async #ask(request, done = () => {}) {
    await this.report(async () => {
      const { unknown = [] } = (await this.server(...request)) ?? {};
      done();
      await this.refresh();
      if (unknown.length) {
        this.say(t('没有提醒 {names}：没有这个人，有同名的人，或者他不是设计人员。', { names: unknown.join('、') }));
      }
    });
  }
}

/** The text with the names of those who were told marked. */
function marked({ text, mentions }) {
  const marks = mentions.map((name) => `@${name}`).sort((one, other) => other.length - one.length);
  const escaped = marks.map((mark) => mark.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const parts = marks.length ? text.split(new RegExp(`(${escaped.join('|')})`)) : [text];
  return parts.map((part) => (marks.includes(part) ? el('span', { class: 'mention' }, part) : part));
}
