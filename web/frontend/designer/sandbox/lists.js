import { readValue } from '../dmn/values.js';
import { ask, labelled } from '../workspace/dialog.js';
import { el } from '../workspace/dom.js';
import { t } from '../words/text.js';

const ACTIONS = {
  claim: t('领取'),
  complete: t('完成'),
  agree: t('同意'),
  reject: t('不同意'),
  abstain: t('弃权'),
  return: t('退回'),
};
const KINDS = { service: t('服务'), timer: t('定时'), message: t('消息'), signal: t('信号'), receive: t('消息') };

/** What waits for people: each task, leading to its element, with who may act, and what they can do. */
export function drawTasks({ tasks, people }, { act, jump }) {
  if (!tasks.length) return el('p', { class: 'blank' }, t('没有待办。'));
  const nameOf = (login) => people.find((one) => one.login === login)?.name ?? login;
  return el(
    'ul',
    { class: 'sandbox-tasks' },
    tasks.map((task) =>
      el(
        'li',
        { 'data-element': task.element },
        el('button', { type: 'button', class: 'where', onclick: () => jump(task) }, task.name),
        el('small', {}, (task.owner ? [task.owner] : task.people).map(nameOf).join('、')),
        task.due && el('small', {}, t('时限 {due}', { due: task.due })),
        el(
          'div',
          { class: 'buttons' },
          task.actions
            .filter((action) => ACTIONS[action])
            .map((action) =>
              el(
                'button',
                { type: 'button', class: 'btn btn-sm', 'data-action': action, onclick: () => act(task, action) },
                ACTIONS[action],
              ),
            ),
        ),
      ),
    ),
  );
}

/** What waits for something else: services to be answered, timers, messages that may be sent. */
export function drawWaits({ waits, messages, signals }, step) {
  if (!waits.length) return el('p', { class: 'blank' }, t('没有别的等待。'));
  return el(
    'ul',
    { class: 'sandbox-tasks' },
    waits.map((wait) =>
      el(
        'li',
        {},
        el('b', {}, wait.name || wait.element),
        el('small', {}, KINDS[wait.kind] ?? wait.kind, wait.due ? ` ${wait.due}` : ''),
        wait.kind === 'service' && el('div', { class: 'buttons' }, answering(wait, step)),
      ),
    ),
    [...messages.map((name) => ['message', name]), ...signals.map((name) => ['signal', name])].map(([kind, name]) =>
      el(
        'li',
        {},
        el('b', {}, name),
        el(
          'div',
          { class: 'buttons' },
          el('button', { type: 'button', class: 'btn btn-sm', onclick: () => send(kind, name, step) }, t('发送')),
        ),
      ),
    ),
  );
}

const area = (value) => el('textarea', { class: 'form-control', rows: 4, value });

async function send(kind, name, step) {
  const payload = area('{}');
  const answer = await ask({
    title: t('发送{name}', { name }),
    fields: [labelled(t('内容（JSON）'), payload)],
    buttons: [['yes', t('发送'), 'btn-primary']],
  });
  if (answer) await step({ do: kind, name, payload: readValue(payload.value) ?? {} });
}

function answering({ instance, token, inputs }, step) {
  const answerIt = async () => {
    const values = area('{}');
    const answer = await ask({
      title: t('服务的回答'),
      words: JSON.stringify(inputs),
      fields: [labelled(t('结果（JSON）'), values)],
      buttons: [['yes', t('回答'), 'btn-primary']],
    });
    if (answer) await step({ do: 'answer', instance, token, values: readValue(values.value) ?? {} });
  };
  const failIt = async () => {
    const code = el('input', { class: 'form-control', required: true });
    const answer = await ask({
      title: t('服务出错'),
      fields: [labelled(t('错误代码'), code)],
      buttons: [['yes', t('出错'), 'btn-primary']],
    });
    if (answer) await step({ do: 'fail', instance, token, code: code.value, message: '' });
  };
  return [
    el('button', { type: 'button', class: 'btn btn-sm', onclick: answerIt }, t('回答')),
    el('button', { type: 'button', class: 'btn btn-sm', onclick: failIt }, t('出错')),
  ];
}
