import { el } from '../workspace/dom.js';
import { ask, busy, labelled } from '../workspace/dialog.js';
import { colon, t } from '../words/text.js';
import { RequestFailed } from '../workspace/failure.js';
import { askToAct } from './acting.js';
import { Beginning } from './beginning.js';
import { clock } from './clock.js';
import { drawTasks, drawWaits } from './lists.js';
import { drawTokens } from './tokens.js';

/** The dry run of the draft on the real engine: who does what, when, and where the tokens are. */
export class Sandbox {
  constructor(root, { server, report, flush, draft, house, diagram, goTo, recorded }) {
    Object.assign(this, { root, server, report, flush, draft, house, diagram, goTo, recorded });
    this.beginning = new Beginning(house, () => this.begin());
    this.state = null;
    this.draw();
  }

  /** Begins a dry run of the draft as this tab has it, of the chosen process and with the typed values. */
  async begin() {
    await this.report(async () => {
      const asked = this.beginning.asked();
      await this.flush();
      const files = Object.fromEntries(this.draft.changed);
      try {
        const begin = () => this.server('POST', 'sandbox', { files, ...asked });
        await this.#show(await busy(t('正在准备试运行…'), begin));
        const [{ path, tokens }] = this.state.instances;
        await this.goTo(path, tokens[0]?.element);
      } catch (error) {
        if (!(error instanceof RequestFailed && this.beginning.refuse(error.problem.fields ?? {}))) throw error;
      }
    });
  }

  /** Shows what a dry run can begin with now: the plan or its processes may have changed. */
  opened() {
    if (!this.state) this.draw();
  }

  async end() {
    if (this.state) await this.server('DELETE', `sandbox/${this.state.id}`).catch(() => {});
    this.state = null;
    this.draw();
    drawTokens(this.diagram(), []);
  }

  /** Does a step (docs/designer-api.md, "Sandbox") and shows what came of it. */
  step(body) {
    return this.report(async () => this.#show(await this.server('POST', `sandbox/${this.state.id}/steps`, body)));
  }

  undo() {
    return this.report(async () => this.#show(await this.server('POST', `sandbox/${this.state.id}/undo`)));
  }

  async record() {
    const name = el('input', { class: 'form-control', required: true, maxlength: 60, value: t('试运行') });
    const answer = await ask({
      title: t('记录为场景'),
      words: t('每次发布前都会用这些步骤重放一遍，结果不同就不能发布。'),
      fields: [labelled(t('名称'), name)],
      buttons: [['yes', t('记录'), 'btn-primary']],
    });
    if (!answer) return;
    await this.report(async () => {
      await this.flush();
      const body = { name: name.value, version: this.draft.version };
      this.recorded(await this.server('POST', `sandbox/${this.state.id}/record`, body));
    });
  }

  /** Draws the tokens again, after another diagram was opened. */
  redraw() {
    drawTokens(this.diagram(), this.state?.instances ?? []);
  }

  async #show(state) {
    this.state = state;
    this.draw();
    this.redraw();
  }

  draw() {
    const { state } = this;
    if (!state) return this.#drawBeginning();
    const act = async (task, action) => {
      const body = await askToAct(task, action, state.people);
      if (body) await this.step(body);
    };
    this.root.replaceChildren(
      el(
        'div',
        { class: 'sandbox-bar' },
        clock(state, (body) => this.step(body)),
        state.ended && el('span', { class: 'chip green' }, t('流程已结束')),
        el('span', { class: 'ms-auto' }),
        this.#button('undo', t('撤回一步'), () => this.undo(), !state.may_undo),
        this.#button('again', t('重新开始'), async () => {
          await this.end();
          await this.begin();
        }),
        this.#button('record', t('记录为场景'), () => this.record()),
        this.#button('end', t('结束'), () => this.end()),
      ),
      el(
        'div',
        { class: 'sandbox-columns' },
        el('section', {}, el('h3', {}, t('待办')), drawTasks(state, { act, jump: (task) => this.#jump(task) })),
        el(
          'section',
          {},
          el('h3', {}, t('等待')),
          drawWaits(state, (body) => this.step(body)),
        ),
        el(
          'section',
          {},
          el('h3', {}, t('经过')),
          history(state, (id) => this.#nameOf(id)),
        ),
      ),
    );
  }

  #drawBeginning() {
    this.root.replaceChildren(
      el('p', { class: 'blank' }, t('在真正的引擎上试走一遍：人员是虚拟的，时间可以拨快，什么都不会发出去。')),
      this.beginning.draw(),
    );
  }

  #jump({ instance, element }) {
    return this.goTo(this.state.instances.find(({ id }) => id === instance).path, element);
  }

  #nameOf(element) {
    return this.diagram()?.get('elementRegistry').get(element)?.businessObject.name || element;
  }

  #button(name, words, onclick, disabled = false) {
    return el('button', { type: 'button', class: 'btn btn-sm', 'data-do': name, disabled, onclick }, words);
  }
}

/** What has happened, the newest first: who did what at which element. */
function history({ history: lines, instances, people }, nameOf) {
  const failed = instances.flatMap((one) => one.incidents);
  const who = (login) => people.find((one) => one.login === login)?.name ?? login;
  const said = (one) =>
    [one.element && nameOf(one.element), who(one.who), one.said, one.words].filter(Boolean).join(' · ');
  return el(
    'ol',
    { class: 'sandbox-history', reversed: true },
    failed.map((one) => el('li', { class: 'text-late' }, colon(nameOf(one.element), one.message))),
    lines.toReversed().map((one) => el('li', {}, el('time', {}, one.at), ' ', said(one))),
  );
}
