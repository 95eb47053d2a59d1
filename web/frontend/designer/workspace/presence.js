import { csrf } from '../../lib/islands.js';
import { el } from './dom.js';
import { t } from '../words/text.js';

const EVERY = 15_000;

/** Tells the server what this tab looks at, and shows who else is here. */
export class Presence {
  constructor(root, { server, base, where, heard }) {
    Object.assign(this, { root, server, base, where, heard });
    this.tab = crypto.randomUUID();
    this.timer = setInterval(() => this.tell(), EVERY);
    this.gone = () => this.#leave();
    addEventListener('pagehide', this.gone);
  }

  async tell() {
    try {
      const answer = await this.server('POST', 'presence', { tab: this.tab, ...this.where() });
      this.draw(answer.editors);
      this.heard(answer);
    } catch {
      this.draw([]);
    }
  }

  draw(editors) {
    const others = editors.filter((one) => !one.you);
    this.root.replaceChildren(
      ...others.map((one) => {
        const doing = one.element || one.path;
        const words = doing ? t('{name} 正在编辑 {where}', { name: one.name, where: doing }) : one.name;
        return el('span', { class: 'face', title: words, role: 'img', 'aria-label': words }, [...one.name][0]);
      }),
    );
  }

  stop() {
    clearInterval(this.timer);
    removeEventListener('pagehide', this.gone);
    this.#leave();
  }

  #leave() {
    fetch(`${this.base}/presence`, {
      method: 'POST',
      keepalive: true,
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf(), Accept: 'application/json' },
      body: JSON.stringify({ tab: this.tab, leaving: true }),
    }).catch(() => {});
  }
}
