import { el } from './dom.js';
import { t } from '../words/text.js';

/** The part below the canvas: one of several panels, or nothing. */
export class Dock {
  constructor(root) {
    this.root = root;
    root.hidden = true;
    this.panels = new Map();
    this.active = null;
  }

  /** Adds a panel. Returns the element to draw into. */
  place(name, title) {
    const body = el('div', { class: 'dock-body' });
    const close = el(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': t('关闭'), onclick: () => this.close() },
      '×',
    );
    const panel = el(
      'section',
      { class: 'dock-panel', hidden: true, 'aria-label': title, 'data-dock': name },
      el('header', {}, el('h2', {}, title), close),
      body,
    );
    this.root.append(panel);
    this.panels.set(name, panel);
    return body;
  }

  shows(name) {
    return this.active === name;
  }

  toggle(name) {
    if (this.shows(name)) this.close();
    else this.open(name);
  }

  open(name) {
    this.active = name;
    this.root.hidden = false;
    for (const [one, panel] of this.panels) panel.hidden = one !== name;
  }

  close() {
    this.active = null;
    this.root.hidden = true;
  }
}
