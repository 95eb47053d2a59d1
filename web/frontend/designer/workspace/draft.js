import { RequestFailed } from './failure.js';

const QUIET = 1200;
const RETRIES = [3000, 10_000, 30_000];

const later = (act, wait) => setTimeout(act, wait);
const forget = (timer) => clearTimeout(timer);

/**
 * A package's draft in this tab: what was loaded, what was changed, and the saving of it.
 *
 * The server's version is the lock: a save that was made from another one is refused and changes nothing. What could
 * not be saved stays in the browser's own storage until it is. States: `saved`, `changed`, `saving`, `offline`,
 * `refused` (the server does not take it; `sentence` says why) and `conflict` (somebody else has saved).
 */
export class Draft extends EventTarget {
  #timer = 0;
  #saving = null;
  #failures = 0;

  constructor({ ask, key, storage, after = later, cancel = forget }) {
    super();
    Object.assign(this, { ask, storage, after, cancel });
    this.name = `duban-draft-${key}`;
    this.files = {};
    this.changed = new Map();
    this.version = 0;
    this.state = 'saved';
    this.sentence = '';
  }

  /** Loads the draft. Returns the server's whole answer. */
  async load() {
    const answer = await this.ask('GET', 'draft');
    this.#take(answer);
    return answer;
  }

  /** Returns what an earlier visit could not save: `{version, files}`, or null. */
  leftOver() {
    try {
      return JSON.parse(this.storage.getItem(this.name));
    } catch {
      return null;
    }
  }

  /** Forgets what an earlier visit could not save. */
  forget() {
    this.storage.removeItem(this.name);
  }

  /** Returns the text of a file as this tab has it; undefined where there is none. */
  text(path) {
    if (!this.changed.has(path)) return this.files[path];
    return this.changed.get(path) ?? undefined;
  }

  /** Returns the paths of all files as this tab has them, sorted. */
  paths() {
    const paths = new Set([...Object.keys(this.files), ...this.changed.keys()]);
    return [...paths].filter((path) => this.text(path) !== undefined).sort();
  }

  /** Says that a change is on its way: an editor has one, and writes its text out in a moment. */
  expect() {
    if (this.state === 'saved') this.#become('changed');
  }

  /** Notes a file's new text, null to delete it, and saves a moment later. */
  edit(path, text) {
    // What is on its way to the server is not `files` yet: a text taken back meanwhile has to follow it.
    if (text === (this.files[path] ?? null) && !this.#saving) this.changed.delete(path);
    else this.changed.set(path, text);
    this.#keep();
    if (this.state === 'conflict') return;
    if (!this.changed.size && !this.#saving) return this.#become('saved');
    this.#become('changed');
    this.#later(QUIET);
  }

  /** Saves at once what is unsaved; resolves when it is saved or has failed. */
  async save() {
    this.cancel(this.#timer);
    // Several may have waited for one answer: each looks again, or two would save from the same version.
    while (this.#saving) await this.#saving;
    if (!this.changed.size || this.state === 'conflict') return;
    this.#saving = this.#put();
    await this.#saving;
    this.#saving = null;
    if (this.changed.size && this.state === 'saved') await this.save();
  }

  /** Follows a change that another request of this tab has made to the draft (an import, a recorded scenario). */
  follow({ version }, files = {}) {
    this.version = version;
    Object.assign(this.files, files);
    this.#become(this.changed.size ? 'changed' : 'saved');
  }

  /** Drops what this tab has changed in favour of the server's draft. Returns the server's answer. */
  async takeTheirs() {
    this.changed.clear();
    this.#keep();
    const answer = await this.load();
    this.#become('saved');
    return answer;
  }

  /** Takes the server's draft and adds this tab's changes beside it, under the names that `rename(path, text)` gives. */
  async keepAsCopies(rename) {
    const mine = [...this.changed].filter(([, text]) => text !== null);
    const answer = await this.takeTheirs();
    for (const [path, text] of mine) this.edit(...rename(path, text, this.paths()));
    await this.save();
    return answer;
  }

  #take(answer) {
    this.files = { ...answer.files };
    this.version = answer.version;
  }

  async #put() {
    const sent = new Map(this.changed);
    this.#become('saving');
    try {
      const answer = await this.ask('PUT', 'draft', { version: this.version, files: Object.fromEntries(sent) });
      this.#saved(sent, answer);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      this.#failed(error);
    }
  }

  #saved(sent, answer) {
    this.version = answer.version;
    this.#failures = 0;
    for (const [path, text] of sent) {
      if (text === null) delete this.files[path];
      else this.files[path] = text;
      if (this.changed.get(path) === text) this.changed.delete(path);
    }
    this.#keep();
    this.#become('saved', '', answer);
  }

  #failed(error) {
    if (error.status === 409) return this.#become('conflict', error.message, error.problem);
    if (error.status > 0 && error.status < 500) return this.#become('refused', error.message, error.problem);
    this.#become('offline', error.message);
    this.#later(RETRIES[Math.min(this.#failures, RETRIES.length - 1)]);
    this.#failures += 1;
  }

  #later(wait) {
    this.cancel(this.#timer);
    this.#timer = this.after(() => this.save(), wait);
  }

  #keep() {
    try {
      if (!this.changed.size) this.storage.removeItem(this.name);
      else {
        const unsaved = { version: this.version, files: Object.fromEntries(this.changed) };
        this.storage.setItem(this.name, JSON.stringify(unsaved));
      }
    } catch {
      // A full or forbidden storage must not keep anybody from drawing: the server has the draft.
    }
  }

  #become(state, sentence = '', detail = null) {
    this.state = state;
    this.sentence = sentence;
    this.dispatchEvent(Object.assign(new Event('state'), { state, detail }));
  }
}
