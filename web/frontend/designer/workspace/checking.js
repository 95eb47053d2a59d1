import { settled } from './dom.js';
import { drawFindings, worst } from './findings.js';
import { RequestFailed } from './failure.js';

const QUIET = 800;

/** The server's check of the draft, a moment after the last change; the newest answer counts. */
export class Checking {
  #asked = 0;

  constructor({ server, draft, found }) {
    Object.assign(this, { server, draft, found });
    this.findings = [];
    this.soon = settled(() => this.now(), QUIET);
  }

  get errors() {
    return this.findings.filter((one) => one.severity === 'error').length;
  }

  /** Checks at once. A server that cannot be reached leaves the last findings standing. */
  async now() {
    this.soon.stop();
    this.#asked += 1;
    const number = this.#asked;
    try {
      const answer = await this.server('POST', 'check', { files: Object.fromEntries(this.draft.changed) });
      if (number === this.#asked) this.take(answer.findings);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
    }
  }

  take(findings) {
    this.findings = findings;
    this.found({ findings, errors: this.errors });
  }

  of(path) {
    return this.findings.filter((one) => one.path === path);
  }

  marks() {
    return worst(this.findings);
  }

  draw(root, acts) {
    drawFindings(root, this.findings, acts);
  }

  stop() {
    this.soon.stop();
    this.#asked += 1;
  }
}
