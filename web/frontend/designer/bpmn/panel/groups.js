import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../../words/text.js';
import { attribute, expression, standard } from './field.js';
import { HUMAN_GROUPS } from './people_task.js';
import { eventOf, isItems, isLoop, loopOf, processOf, valueOf } from './reading.js';

/** What the engine executes of every other element. Words and rules are those of docs/events.md and activities.md. */

const TIMER = 'bpmn:TimerEventDefinition';
const CONDITIONAL = 'bpmn:ConditionalEventDefinition';
const MESSAGE = 'bpmn:MessageEventDefinition';
const ERROR = 'bpmn:ErrorEventDefinition';
const ESCALATION = 'bpmn:EscalationEventDefinition';
const TIMES = ['timeDate', 'timeDuration', 'timeCycle'];

const at = (type) => (element) => eventOf(element, type);
const isCatching = (element) => is(element, 'bpmn:CatchEvent');
const choices = (...pairs) => pairs.map(([value, label]) => ({ value, label }));

/** A flow has a condition where more than one may leave: behind a gateway that asks, or an activity. */
function asksCondition(element) {
  const source = element.businessObject?.sourceRef;
  return (
    is(element, 'bpmn:SequenceFlow') &&
    isAny(source, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:ComplexGateway', 'bpmn:Activity'])
  );
}

const timer = [
  {
    id: 'timerKind',
    kind: 'choice',
    label: t('定时方式'),
    options: choices(
      ['timeDate', t('到某个时刻')],
      ['timeDuration', t('经过一段时间')],
      ['timeCycle', t('按周期重复')],
    ),
    get: (element) => TIMES.find((name) => at(TIMER)(element).get(name)),
    set: (element, value, injector) => {
      const event = at(TIMER)(element);
      const old = TIMES.map((name) => event.get(name)).find(Boolean);
      const body = old ?? injector.get('bpmnFactory').create('bpmn:FormalExpression', { body: '' });
      const none = Object.fromEntries(TIMES.map((name) => [name, undefined]));
      const set = value ? { [value]: body } : {};
      injector.get('modeling').updateModdleProperties(element, event, { ...none, ...set });
    },
  },
  ...[
    ['timeDate', t('时刻'), '=date(study_starts)', t('日期、时刻，或以 = 开头的表达式。')],
    ['timeDuration', t('时长'), '2 working days', t('如 2 working days、PT4H，或以 = 开头的表达式。')],
    ['timeCycle', t('周期'), 'R3/P1D', t('ISO 8601 的循环，如 R3/PT1H；不支持 cron。')],
  ].map(([name, label, example, help]) => ({
    ...expression(name, 'mixed', label, { place: at(TIMER), example, help }),
    when: (element) => Boolean(at(TIMER)(element).get(name)),
  })),
];

const items = [
  attribute('collection', 'mixed', t('对哪些逐一执行'), {
    place: loopOf,
    example: 'unit_ids',
    help: t('列表变量的名称，或以 = 开头的表达式。'),
  }),
  attribute('elementVariable', 'text', t('每一项的变量名'), { place: loopOf, example: 'unit_id' }),
  expression('loopCardinality', 'mixed', t('或执行次数'), { place: loopOf, example: '=3' }),
  expression('completionCondition', 'feel', t('提前结束的条件'), {
    place: loopOf,
    help: t('可用 numberOfCompletedInstances、numberOfInstances。'),
  }),
  attribute('outputCollection', 'text', t('结果收集到'), { place: loopOf }),
  attribute('outputElement', 'mixed', t('每一项收集什么'), { place: loopOf }),
];

const loop = [
  expression('loopCondition', 'feel', t('继续的条件'), { place: loopOf }),
  standard('loopMaximum', 'text', t('最多几次'), { place: loopOf, as: Number, example: '10' }),
  standard('testBefore', 'flag', t('先判断再执行'), { place: loopOf }),
];

const decision = [
  attribute('decisionRef', 'pick', t('决策'), { of: 'decisions' }),
  attribute('resultVariable', 'text', t('结果变量'), { example: 'result' }),
  attribute('mapDecisionResult', 'choice', t('结果的形式'), {
    unset: t('按决策表'),
    options: choices(
      ['singleEntry', t('一个值')],
      ['singleResult', t('一行')],
      ['collectEntries', t('一列值')],
      ['resultList', t('多行')],
    ),
  }),
];

const script = [
  standard('scriptFormat', 'choice', t('语言'), {
    unset: 'FEEL',
    options: choices(['feel', 'FEEL'], ['javascript', 'JavaScript']),
  }),
  standard('script', 'code', t('脚本'), { plain: (element) => /javascript/.test(element.businessObject.scriptFormat) }),
  attribute('resultVariable', 'text', t('结果变量'), { example: 'result' }),
];

const service = [
  attribute('service', 'pick', t('服务'), { of: 'services' }),
  attribute('retry', 'text', t('失败后重试'), {
    example: 'R3/PT10M',
    help: t('次数与间隔；不填则失败后由人处理。'),
    check: (value) => (!value || /^(R\d+\/P|P)/.test(value) ? null : t('如 R3/PT10M。')),
  }),
];

const process = [
  attribute('title', 'mixed', t('实例标题'), { place: processOf, example: '="采购 " + string(amount)' }),
  attribute('withdraw', 'choice', t('发起人撤销后'), {
    place: processOf,
    unset: t('退回成草稿'),
    options: choices(['draft', t('退回成草稿')], ['void', t('作废')], ['never', t('不许撤销')]),
  }),
];

const store = [
  attribute('key', 'feel', t('哪一行'), { help: t('行的键；读取时不填则是所有行。') }),
  attribute('variable', 'text', t('变量')),
  attribute('remove', 'choice', t('写入时'), { unset: t('写入这一行'), options: choices(['true', t('删除这一行')]) }),
];

const isStoreAssociation = (element) =>
  is(element, 'bpmn:DataAssociation') &&
  [element.source, element.target].some((end) => is(end, 'bpmn:DataStoreReference'));

export const GROUPS = [
  ...HUMAN_GROUPS,
  {
    id: 'duban-condition',
    label: t('条件'),
    open: true,
    on: asksCondition,
    fields: [expression('conditionExpression', 'feel', t('满足什么才走这条线'), { example: 'outcome = "agreed"' })],
  },
  {
    id: 'duban-service',
    label: t('服务'),
    open: true,
    on: (element) => is(element, 'bpmn:ServiceTask') || isServiceSend(element),
    fields: service,
  },
  {
    id: 'duban-decision',
    label: t('决策'),
    open: true,
    on: (element) => is(element, 'bpmn:BusinessRuleTask'),
    fields: decision,
  },
  { id: 'duban-script', label: t('脚本'), open: true, on: (element) => is(element, 'bpmn:ScriptTask'), fields: script },
  {
    id: 'duban-call',
    label: t('调用的流程'),
    open: true,
    on: (element) => is(element, 'bpmn:CallActivity'),
    fields: [standard('calledElement', 'pick', t('流程'), { of: 'processes' })],
  },
  { id: 'duban-items', label: t('多实例'), open: true, on: isItems, fields: items },
  { id: 'duban-loop', label: t('循环'), open: true, on: isLoop, fields: loop },
  { id: 'duban-timer', label: t('定时'), open: true, on: at(TIMER), fields: timer },
  {
    id: 'duban-conditional',
    label: t('条件'),
    open: true,
    on: at(CONDITIONAL),
    fields: [expression('condition', 'feel', t('成立时发生'), { place: at(CONDITIONAL) })],
  },
  {
    id: 'duban-correlation',
    label: t('消息的对应'),
    on: isCorrelated,
    fields: [
      attribute('correlationKey', 'feel', t('对应键'), {
        help: t('多个实例等同名消息时，用它认出是哪一个。'),
        example: 'order.id',
      }),
    ],
  },
  {
    id: 'duban-error',
    label: t('捕获的错误'),
    on: (element) => isCatching(element) && at(ERROR)(element),
    fields: [
      attribute('errorCodeVariable', 'text', t('错误代码存入'), { place: at(ERROR) }),
      attribute('errorMessageVariable', 'text', t('错误信息存入'), { place: at(ERROR) }),
    ],
  },
  {
    id: 'duban-escalation',
    label: t('捕获的升级'),
    on: (element) => isCatching(element) && at(ESCALATION)(element),
    fields: [attribute('escalationCodeVariable', 'text', t('升级代码存入'), { place: at(ESCALATION) })],
  },
  {
    id: 'duban-activation',
    label: t('汇合条件'),
    on: (element) => is(element, 'bpmn:ComplexGateway'),
    fields: [
      expression('activationCondition', 'feel', t('成立时继续'), { help: t('可用 activationCount：已到达的标记数。') }),
    ],
  },
  {
    id: 'duban-adhoc',
    label: t('完成'),
    open: true,
    on: (element) => is(element, 'bpmn:AdHocSubProcess'),
    fields: [
      expression('completionCondition', 'feel', t('完成条件')),
      standard('ordering', 'choice', t('顺序'), {
        unset: t('同时'),
        options: choices(['Parallel', t('同时')], ['Sequential', t('依次')]),
      }),
      standard('cancelRemainingInstances', 'flag', t('完成时取消未办的')),
    ],
  },
  { id: 'duban-process', label: t('实例'), on: (element) => Boolean(processOf(element)), fields: process },
  { id: 'duban-store', label: t('数据存储'), open: true, on: isStoreAssociation, fields: store },
];

function isServiceSend(element) {
  return is(element, 'bpmn:SendTask') && !element.businessObject.messageRef;
}

function isCorrelated(element) {
  return (
    is(element, 'bpmn:ReceiveTask') ||
    at(MESSAGE)(element) ||
    Boolean(valueOf(element.businessObject, 'correlationKey'))
  );
}
