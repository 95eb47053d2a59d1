import { is } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../../words/text.js';
import { attribute, flag } from './field.js';
import { valueOf } from './reading.js';

/** The groups of a user task, in the order in which a designer thinks: what, who, how they decide, until when. */

const DUE_EXAMPLE = '3 working days';
const has = (name) => (element) => Boolean(valueOf(element.businessObject, name));
const says = (name, value) => (element) => valueOf(element.businessObject, name) === value;
const decides = (element) => says('kind', 'approval')(element) || has('policy')(element);

const choices = (...pairs) => pairs.map(([value, label]) => ({ value, label }));

const formName = attribute('form', 'pick', t('表单'), { of: 'forms' });

/** A form that is chosen gives its small fields to the process; which of them is changed below the rights. */
const form = {
  ...formName,
  set: (element, value, injector) => {
    const names = injector
      .get('dubanHouse')
      .smallFieldsOf(value)
      .map((one) => one.key);
    const properties = { 'duban:form': value, 'duban:variables': names.join(', ') || undefined };
    injector.get('modeling').updateModdleProperties(element, element.businessObject, properties);
  },
};

const what = [
  attribute('kind', 'choice', t('性质'), {
    options: choices(['approval', t('审批：作出决定')], ['work', t('办理：填写并完成')]),
  }),
  form,
  attribute('title', 'mixed', t('待办标题'), { example: '="…" + name' }),
  attribute('phase', 'pick', t('所属阶段'), { of: 'phases' }),
  attribute('progress', 'text', t('完成后的阶段进度'), {
    help: t('百分比；不填则按已完成的环节计算。'),
    example: '50',
    when: has('phase'),
  }),
];

const who = [
  attribute('assignee', 'people', t('办理人')),
  attribute('candidateGroups', 'people', t('候选岗位'), { when: has('candidateGroups') }),
  attribute('candidateUsers', 'people', t('候选人员'), { when: has('candidateUsers') }),
  attribute('emptyApprover', 'choice', t('找不到办理人时'), {
    unset: t('报异常'),
    options: choices(['admin', t('交管理员')], ['skip', t('跳过')], ['named', t('交给指定的人')]),
  }),
  attribute('emptyApproverTo', 'people', t('交给谁'), { when: says('emptyApprover', 'named') }),
  attribute('initiatorIsApprover', 'choice', t('办理人就是发起人时'), {
    unset: t('照常办理'),
    options: choices(['self', t('照常办理')], ['skip', t('自动通过')], ['leader', t('交其上级')]),
    when: decides,
  }),
  attribute('dedupe', 'choice', t('同一人再次出现时'), {
    unset: t('照常办理'),
    options: choices(
      ['none', t('照常办理')],
      ['consecutive', t('连续出现则自动同意')],
      ['once', t('已同意过则自动同意')],
    ),
    when: decides,
  }),
  attribute('copyTo', 'people', t('抄送')),
];

const how = [
  attribute('policy', 'choice', t('审批方式'), {
    options: choices(
      ['single', t('单人')],
      ['all', t('会签：全部同意')],
      ['any', t('或签：一人同意')],
      ['vote', t('票签：按比例或票数')],
      ['sequence', t('依次审批')],
    ),
  }),
  flag('collectAll', t('听完所有人的意见再决定'), { when: says('policy', 'all') }),
  attribute('voteRatio', 'text', t('通过比例'), { example: '2/3', when: says('policy', 'vote') }),
  attribute('voteCount', 'text', t('通过票数'), {
    example: '3',
    help: t('比例与票数只写一个。'),
    when: says('policy', 'vote'),
  }),
  attribute('veto', 'people', t('一票否决的人'), { when: says('policy', 'vote') }),
  attribute('abstain', 'choice', t('弃权的人'), {
    unset: t('计入总数'),
    options: choices(['counts', t('计入总数')], ['leaves', t('不计入总数')]),
    when: says('policy', 'vote'),
  }),
  attribute('opinion', 'choice', t('意见'), {
    unset: t('可不填'),
    options: choices(['optional', t('可不填')], ['required', t('必须填')], ['onReject', t('不同意时必须填')]),
  }),
  attribute('signature', 'choice', t('手写签名'), {
    unset: t('不需要'),
    options: choices(['none', t('不需要')], ['required', t('必须签')]),
  }),
  flag('batch', t('可以批量同意')),
].map((field) => ({ ...field, when: (element) => decides(element) && (field.when?.(element) ?? true) }));

const until = [
  attribute('due', 'mixed', t('时限'), {
    example: DUE_EXAMPLE,
    help: t('如 3 working days、8 working hours、PT4H、2026-09-27，或以 = 开头的表达式。'),
  }),
  attribute('warn', 'text', t('提前多久提醒'), { example: '1 working day', when: has('due') }),
  attribute('onOverdue', 'choice', t('逾期时'), {
    unset: t('只提醒'),
    options: choices(
      ['remind', t('提醒')],
      ['escalate', t('上报')],
      ['transfer', t('转给他人')],
      ['return', t('退回')],
      ['agree', t('视为同意')],
      ['reject', t('视为不同意')],
    ),
    when: has('due'),
  }),
  attribute('escalateTo', 'people', t('上报或转给谁'), { when: has('onOverdue') }),
  attribute('extendBy', 'people', t('由谁批准延期'), { when: has('due') }),
];

const back = [
  attribute('returnMode', 'choice', t('退回后怎样回来'), {
    unset: t('由退回的人选'),
    options: choices(['direct', t('直接回到这里')], ['again', t('重新走一遍')], ['direct,again', t('两种都可以')]),
  }),
  attribute('retrieve', 'choice', t('办完后可否取回'), {
    unset: t('下一步办理前可以'),
    options: choices(
      ['before_act', t('下一步办理前可以')],
      ['before_open', t('下一步打开前可以')],
      ['never', t('不可以')],
    ),
  }),
  flag('addSign', t('可以加签'), { unset: true }),
];

const rights = [
  attribute('fieldPermissions', 'rights', t('字段权限')),
  attribute('variables', 'kept', t('存为变量的字段')),
];

export const HUMAN_GROUPS = [
  { id: 'duban-task', label: t('任务'), open: true, fields: what },
  { id: 'duban-people', label: t('办理人'), open: true, fields: who },
  { id: 'duban-policy', label: t('审批规则'), open: true, fields: how },
  { id: 'duban-due', label: t('时限'), fields: until },
  { id: 'duban-rights', label: t('字段权限'), fields: rights },
  { id: 'duban-back', label: t('退回、取回与加签'), fields: back },
].map((group) => ({ ...group, on: (element) => is(element, 'bpmn:UserTask') }));
