import { RequestFailed } from '../workspace/failure.js';
import { el, settled } from '../workspace/dom.js';
import { t } from '../words/text.js';
import { readValue, variablesIn } from './values.js';

const QUIET = 500;

/** A row of inputs that the server evaluates with the tables as they are drawn: outputs, and the rules that hit. */
export function testRow(root, { ask, path, text }) {
  const chooser = el('select', { class: 'form-select', 'aria-label': t('决策'), onchange: () => draw() });
  const inputs = el('div', { class: 'trial-inputs' });
  const answer = el('div', { class: 'trial-answer', role: 'status' });
  const typed = new Map();
  let decisions = [];
  const evaluate = settled(run, QUIET);

  root.replaceChildren(
    el('h3', {}, t('试一行')),
    el(
      'div',
      { class: 'trial' },
      chooser,
      inputs,
      el('button', { type: 'button', class: 'btn btn-sm', onclick: run }, t('计算')),
      answer,
    ),
  );

  async function asked(body) {
    try {
      return await ask('POST', 'decisions/evaluate', { path, text: await text(), ...body });
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      return { ok: false, message: error.message };
    }
  }

  const refresh = settled(async () => {
    const found = await asked({});
    if (!found.decisions) return say(found.message);
    decisions = found.decisions;
    const chosen = chooser.value;
    chooser.replaceChildren(...decisions.map((one) => el('option', { value: one.id }, one.name || one.id)));
    if (decisions.some((one) => one.id === chosen)) chooser.value = chosen;
    draw();
  }, QUIET);

  function draw() {
    const names = variablesIn(decisions.find((one) => one.id === chooser.value)?.inputs ?? []);
    inputs.replaceChildren(
      ...names.map((name) =>
        el(
          'label',
          {},
          el('span', {}, name),
          el('input', {
            class: 'form-control',
            value: typed.get(name) ?? '',
            oninput: (event) => {
              typed.set(name, event.target.value);
              evaluate();
            },
          }),
        ),
      ),
    );
  }

  async function run() {
    const variables = Object.fromEntries([...typed].map(([name, value]) => [name, readValue(value)]));
    const found = await asked({ decision: chooser.value, variables });
    if (!found.ok) return say(found.message ?? t('没有结果'), true);
    const hits = found.rules?.length ? t('命中第 {rules} 条规则', { rules: found.rules.join('、') }) : '';
    say(`${JSON.stringify(found.outputs)} ${hits}`);
  }

  function say(sentence, bad = false) {
    answer.textContent = sentence ?? '';
    answer.classList.toggle('text-late', bad);
  }

  return {
    refresh,
    choose(id) {
      if (!decisions.some((one) => one.id === id)) return;
      chooser.value = id;
      draw();
    },
  };
}
