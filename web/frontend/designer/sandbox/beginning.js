import { readValue } from '../dmn/values.js';
import { labelled } from '../workspace/dialog.js';
import { el } from '../workspace/dom.js';
import { RequestFailed } from '../workspace/failure.js';
import { bracketed, t } from '../words/text.js';

const READ = {
  integer: ({ value }) => readValue(value),
  number: ({ value }) => readValue(value),
  boolean: ({ checked }) => checked,
  text: ({ value }) => value.trim() || null,
  date: ({ value }) => value || null,
  any: ({ value }) => readValue(value),
};

/** What a dry run begins with: the process, and the values that the plan, or whoever calls the process, would give. */
export class Beginning {
  constructor(house, begin) {
    Object.assign(this, { house, begin, process: '', typed: new Map(), others: null });
    this.answered = new Set();
    this.others = el('textarea', { class: 'form-control', rows: 2, name: 'others', placeholder: '{"days": 3}' });
  }

  /** Returns `{process, variables, answered}` for the server; nothing is sent of what is empty. */
  asked() {
    const filled = this.fields.map(({ asked, control }) => [asked.value, reader(asked)(control)]);
    const others = this.others.isConnected ? objectIn(this.others.value) : {};
    const variables = { ...others, ...Object.fromEntries(filled.filter(([, value]) => value !== null)) };
    return { process: this.process || null, variables, answered: [...this.answered] };
  }

  /** Says at each field why the server does not take it, and whether that is all; `refused` is `{name: sentence}`. */
  refuse(refused) {
    for (const { asked, control, why } of this.fields) {
      why.textContent = refused[asked.value] ?? '';
      control.toggleAttribute('aria-invalid', asked.value in refused);
    }
    const wrong = this.fields.filter(({ asked }) => asked.value in refused);
    wrong[0]?.control.focus();
    return wrong.length > 0 && wrong.length === Object.keys(refused).length;
  }

  draw() {
    const processes = this.house.choices('processes');
    if (!processes.some((one) => one.value === this.process)) this.process = '';
    this.fields = this.#asks(processes).map((asked) => this.#field(asked));
    const process = el(
      'select',
      { class: 'form-select', name: 'process' },
      el('option', { value: '' }, t('主流程')),
      processes.map((one) => el('option', { value: one.value }, one.label)),
    );
    process.value = this.process;
    process.addEventListener('change', () => {
      this.process = process.value;
      this.paper.replaceWith(this.draw());
      this.paper.querySelector('[name=process]').focus();
    });
    const campaign = !this.process && this.house.choices('phases').length > 0;
    this.paper = el(
      'form',
      {
        class: 'sandbox-begin',
        'data-sent': 'never',
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          this.begin();
        },
      },
      labelled(t('流程'), process),
      this.fields.map(({ row }) => row),
      !campaign && labelled(t('其他变量（JSON，可不填）'), this.others),
      this.#services(),
      el('div', { class: 'foot' }, el('button', { class: 'btn btn-primary', 'data-do': 'begin' }, t('开始试运行'))),
    );
    return this.paper;
  }

  /** Services of the house that the diagrams name: each runs, or waits for the answer of whoever tries the draft. */
  #services() {
    const named = this.house.servicesNamed().filter((one) => !one.external);
    if (!named.length) return null;
    return el(
      'details',
      { class: 'wide', open: this.answered.size > 0 },
      el('summary', {}, t('由我回答的服务')),
      named.map(({ value, label }) => {
        const box = el('input', {
          type: 'checkbox',
          class: 'form-check-input',
          value,
          checked: this.answered.has(value),
        });
        box.addEventListener('change', () => (box.checked ? this.answered.add(value) : this.answered.delete(value)));
        return el('label', { class: 'form-check' }, box, ' ', label);
      }),
    );
  }

  #asks(processes) {
    if (!this.process) return this.house.choices('launch');
    const names = processes.find((one) => one.value === this.process)?.parameters ?? [];
    return names.map((name) => ({ value: name, label: name, type: 'any' }));
  }

  #field(asked) {
    const place = `${this.process}/${asked.value}`;
    const control = controlFor(asked, this.typed.get(place) ?? asked.default ?? '');
    const keep = () => this.typed.set(place, asked.type === 'boolean' ? control.checked : control.value);
    control.addEventListener('input', keep);
    const why = el('small', { class: 'text-late d-block', role: 'alert' });
    const label = asked.unit ? `${asked.label}${bracketed(asked.unit)}` : asked.label;
    const row = labelled(asked.required ? `${label} *` : label, control);
    if (asked.hint) row.append(el('small', { class: 'text-secondary d-block' }, asked.hint));
    row.append(why);
    return { asked, control, why, row };
  }
}

/** Reads variables that were typed as a JSON object. Throws RequestFailed with a sentence when they are none. */
function objectIn(typed) {
  const value = readValue(typed) ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw new RequestFailed(0, {}, t('其他变量须是 JSON 对象，如 {example}', { example: '{"days": 3}' }));
}

const reader = ({ type, choices }) =>
  type === 'choice' ? ({ value }) => choices.find(([one]) => String(one) === value)?.[0] ?? null : READ[type];

function controlFor({ value: name, type, choices = [], required = false, min, max }, value) {
  if (type === 'boolean') {
    return el('input', { type: 'checkbox', class: 'form-check-input d-block', name, checked: value === true });
  }
  if (type === 'choice') {
    const select = el(
      'select',
      { class: 'form-select', name },
      el('option', { value: '' }, t('（请选择）')),
      choices.map(([one, called]) => el('option', { value: String(one) }, called)),
    );
    select.value = String(value);
    return select;
  }
  const kind = { integer: 'number', number: 'number', date: 'date' }[type] ?? 'text';
  const limits = kind === 'number' ? { min, max, step: type === 'number' ? 'any' : 1 } : {};
  const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return el('input', { type: kind, class: 'form-control', name, required, ...limits, value: shown });
}
