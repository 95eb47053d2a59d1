import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '../form/form.css';
import { Form } from '@bpmn-io/form-js-viewer';
import { asSeen } from '../form/seen.js';
import { ask, labelled } from '../workspace/dialog.js';
import { el } from '../workspace/dom.js';
import { bracketed, colon, inEnglish, t } from '../words/text.js';

const TITLES = {
  claim: t('领取'),
  complete: t('完成'),
  agree: t('同意'),
  reject: t('不同意'),
  abstain: t('弃权'),
  return: t('退回'),
};
const WITH_FORM = new Set(['complete', 'agree', 'reject']);
const WITH_OPINION = new Set(['agree', 'reject', 'abstain', 'return']);

/** Asks as whom a task is done and with what. Resolves to the step, null when nobody wants it. */
export async function askToAct(task, action, people) {
  const who = whoActs(task, people);
  const opinion = el('textarea', { class: 'form-control', rows: 2 });
  const to = el(
    'select',
    { class: 'form-select' },
    (task.return_targets ?? []).map((one) => el('option', { value: one.element }, one.name)),
  );
  const paper = el('div', { class: 'form-tab' });
  const form = task.form && WITH_FORM.has(action) ? await fill(paper, task) : null;
  const answer = await ask({
    title: colon(TITLES[action], task.name),
    fields: [
      labelled(t('以谁的身份'), who),
      ...(action === 'return' ? [labelled(t('退回到'), to)] : []),
      ...(form ? [paper] : []),
      ...(WITH_OPINION.has(action) ? [labelled(t('意见'), opinion)] : []),
    ],
    buttons: [[action, TITLES[action], 'btn-primary']],
  });
  const values = form ? form.submit().data : {};
  form?.destroy();
  if (!answer) return null;
  const step = { do: action, task: task.id, who: who.value };
  if (action === 'return') step.to = to.value;
  if (form) step.values = values;
  if (opinion.value) step.opinion = opinion.value;
  return step;
}

function whoActs(task, people) {
  const first = task.owner ? [task.owner] : task.people;
  const able = people.filter((one) => first.includes(one.login));
  return el(
    'select',
    { class: 'form-select', name: 'who' },
    (able.length ? able : people).map((one) =>
      el('option', { value: one.login }, `${one.name}${bracketed(one.about || one.login)}`),
    ),
  );
}

async function fill(paper, task) {
  const form = new Form({ container: paper });
  const rights = new Map(Object.entries(task.rights ?? {}));
  await form.importSchema(asSeen(task.form, inEnglish ? 'en' : 'zh', rights), task.data ?? {});
  return form;
}
