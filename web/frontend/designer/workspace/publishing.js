import { ask, busy, labelled } from './dialog.js';
import { el } from './dom.js';
import { RequestFailed } from './failure.js';
import { t } from '../words/text.js';

/** Asks for a note, plays the recorded scenarios, publishes. Resolves to the answer; throws what the server refused. */
export async function publish(server, draft) {
  const note = el('textarea', { class: 'form-control', rows: 3, maxlength: 300, name: 'note', required: true });
  const { versions } = await server('GET', 'versions');
  const running = versions.reduce((sum, one) => sum + one.running, 0);
  const answer = await ask({
    title: t('发布新版本'),
    words: running
      ? t('正在运行的 {n} 个实例继续用原来的版本，发布后可以迁移。新发起的用新版本。', { n: running })
      : t('发布后新发起的流程用这个版本。'),
    fields: [labelled(t('改了什么'), note)],
    buttons: [['publish', t('发布'), 'btn-primary']],
  });
  if (!answer) return null;
  return busy(t('正在重放场景并发布…'), async () => {
    await draft.save();
    return server('POST', 'publish', { version: draft.version, note: note.value });
  });
}

/** Says what was published, and leads to the migration of what runs. */
export async function published({ published: version, running, migrate }) {
  const way = await ask({
    title: t('已发布第 {n} 版', { n: version }),
    words: running ? t('还有 {n} 个实例在旧版本上运行。', { n: running }) : t('没有实例在旧版本上运行。'),
    buttons: migrate && running ? [['migrate', t('迁移它们'), 'btn-primary']] : [],
    leave: t('留在这里'),
  });
  if (way === 'migrate') location.assign(migrate);
}

/** Says why publishing was refused: scenarios that came out otherwise, a review that is missing. */
export async function refused(error) {
  const replays = error instanceof RequestFailed ? (error.problem.replays ?? []) : [];
  await ask({
    title: t('没有发布'),
    words: error.message,
    fields: replays
      .filter((one) => !one.ok)
      .map((one) =>
        el(
          'section',
          {},
          el('b', {}, `${one.name}（${one.path}）`),
          one.error && el('p', {}, one.error),
          el(
            'ul',
            {},
            (one.checks ?? [])
              .filter((check) => !check.ok)
              .map((check) =>
                el(
                  'li',
                  {},
                  t('{what}：应为 {expected}，实为 {actual}', {
                    what: check.what,
                    expected: JSON.stringify(check.expected),
                    actual: JSON.stringify(check.actual),
                  }),
                ),
              ),
          ),
        ),
      ),
    buttons: [],
    leave: t('知道了'),
  });
}

/** Asks somebody to review the draft. Resolves to the review, null when nobody was asked; throws when nobody can. */
export async function askForReview(server, draft) {
  const { people } = await server('GET', 'reviewers');
  if (!people.length)
    throw new RequestFailed(0, {}, t('还没有能审核的人。请管理员在“设计人员”小组里指定组长或副组长。'));
  const who = el(
    'select',
    { class: 'form-select' },
    people.map((one) => el('option', { value: one.id }, one.about ? `${one.name}（${one.about}）` : one.name)),
  );
  const note = el('textarea', { class: 'form-control', rows: 3, maxlength: 300 });
  const answer = await ask({
    title: t('请人审核'),
    words: t('审核人在收件箱里收到，同意后即可发布。'),
    fields: [labelled(t('审核人'), who), labelled(t('说明'), note)],
    buttons: [['ask', t('送审'), 'btn-primary']],
  });
  if (!answer) return null;
  await draft.save();
  return server('POST', 'review', { version: draft.version, reviewer: who.value, note: note.value });
}
