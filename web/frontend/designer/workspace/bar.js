import arrowsDiff from '#icons/arrows-diff.svg?raw';
import arrowBack from '#icons/arrow-back-up.svg?raw';
import arrowForward from '#icons/arrow-forward-up.svg?raw';
import history from '#icons/history.svg?raw';
import layout from '#icons/layout-distribute-horizontal.svg?raw';
import messages from '#icons/messages.svg?raw';
import playerPlay from '#icons/player-play.svg?raw';
import route from '#icons/route.svg?raw';
import search from '#icons/search.svg?raw';
import checks from '#icons/checks.svg?raw';
import { el } from './dom.js';
import { t } from '../words/text.js';

const STATES = {
  saved: () => t('已保存'),
  changed: () => t('有改动，稍后自动保存'),
  saving: () => t('正在保存…'),
  offline: () => t('没有保存：连不上服务器，文字留在本机，会自动重试'),
  refused: (sentence) => t('没有保存：{why}', { why: sentence }),
  conflict: () => t('别人已保存了新的草稿'),
};

/** The bar above the editor. `acts` holds a function for each button; `may` what this person may do. */
export class Bar {
  constructor(root, { name, acts, may }) {
    const button = (act, icon, words, kind = '') =>
      el('button', {
        type: 'button',
        class: `tool ${kind}`,
        'data-act': act,
        title: words,
        'aria-label': words,
        onclick: acts[act],
        html: icon,
      });
    const wide = (act, icon, words, kind = '') =>
      el(
        'button',
        { type: 'button', class: `tool wide ${kind}`, 'data-act': act, onclick: acts[act] },
        el('span', { html: icon }),
        el('span', { 'data-words': '' }, words),
      );
    this.state = el('button', {
      type: 'button',
      class: 'save-state',
      'aria-live': 'polite',
      hidden: !may.edit,
      onclick: acts.save,
    });
    this.faces = el('span', { class: 'faces' });
    this.pointer = el('span', { class: 'review' });
    root.replaceChildren(
      el('b', { class: 'designer-name' }, name),
      this.state,
      this.faces,
      this.pointer,
      el('span', { class: 'ms-auto' }),
      ...(may.edit
        ? [
            button('undo', arrowBack, t('撤销')),
            button('redo', arrowForward, t('重做')),
            button('find', search, t('在图中查找')),
            button('arrange', layout, t('自动排版')),
          ]
        : []),
      ...(may.check ? [wide('check', checks, t('检查'))] : []),
      ...(may.edit ? [wide('simulate', route, t('仿真')), wide('sandbox', playerPlay, t('试运行'))] : []),
      wide('compare', arrowsDiff, t('对比')),
      wide('history', history, t('历史')),
      ...(may.comment ? [wide('comments', messages, t('评论'))] : []),
      ...(may.ask
        ? [
            el(
              'button',
              { type: 'button', class: 'btn btn-sm', 'data-act': 'review', onclick: acts.review },
              t('请人审核'),
            ),
          ]
        : []),
      ...(may.publish
        ? [
            el(
              'button',
              { type: 'button', class: 'btn btn-sm btn-primary', 'data-act': 'publish', onclick: acts.publish },
              t('发布'),
            ),
          ]
        : []),
    );
    this.root = root;
  }

  show({ state, sentence }) {
    this.state.textContent = STATES[state](sentence);
    this.state.title = this.state.textContent;
    this.state.dataset.state = state;
  }

  count(act, words, number, severity = '') {
    const button = this.root.querySelector(`[data-act=${act}]`);
    if (!button) return;
    button.querySelector('[data-words]').textContent = number ? `${words} ${number}` : words;
    button.dataset.severity = severity;
  }

  /** Dims what the shown editor does not do. */
  offer(editor) {
    for (const act of ['undo', 'redo', 'find', 'arrange', 'simulate']) {
      const button = this.root.querySelector(`[data-act=${act}]`);
      if (button) button.disabled = !editor?.[act];
    }
  }

  reviewed(review) {
    this.pointer.textContent = review ? REVIEWS(review) : '';
  }
}

const REVIEWS = ({ state, reviewer }) =>
  ({
    open: t('等待{reviewer}审核', { reviewer }),
    agreed: t('{reviewer}已同意', { reviewer }),
    approved: t('{reviewer}已同意', { reviewer }),
    rejected: t('{reviewer}不同意', { reviewer }),
    returned: t('{reviewer}退回了', { reviewer }),
  })[state] ?? '';
