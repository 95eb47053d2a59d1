import { t } from '../words/text.js';
import { RequestFailed } from './failure.js';
import { askForReview, publish, published, refused } from './publishing.js';

/** Returns what the buttons of the bar do in a workspace, by their names. */
export function commandsOf(workspace) {
  const { draft, dock, server } = workspace;
  const editor = () => workspace.tabs.current?.editor;
  const report = (act) => () => workspace.report(act);
  return {
    save: () => (draft.state === 'conflict' ? workspace.settle({}) : workspace.flush()),
    undo: () => editor()?.undo?.(),
    redo: () => editor()?.redo?.(),
    find: () => editor()?.find?.(),
    simulate: () => editor()?.simulate?.(),
    arrange: async () => workspace.say(await editor().arrange()),
    check: () => dock.toggle('check'),
    comments: () => {
      workspace.comments.draw();
      dock.toggle('comments');
    },
    history: report(async () => {
      dock.toggle('history');
      if (!dock.shows('history')) return;
      await draft.save();
      await workspace.history.refresh();
    }),
    sandbox: report(() => openSandbox(workspace)),
    compare: report(async () => {
      await workspace.flush();
      const { chooseAndShow } = await import('../compare/dialog.js');
      await chooseAndShow(server);
    }),
    review: report(async () => {
      await workspace.flush();
      const review = await askForReview(server, draft);
      if (review) workspace.bar.reviewed(review);
    }),
    publish: () => publishDraft(workspace),
  };
}

async function openSandbox(workspace) {
  if (!workspace.sandbox) {
    const { Sandbox } = await import('../sandbox/panel.js');
    workspace.sandbox = new Sandbox(workspace.trial, {
      server: workspace.server,
      report: (act) => workspace.report(act),
      flush: () => workspace.flush(),
      draft: workspace.draft,
      house: workspace.house,
      diagram: () => (workspace.tabs.active?.endsWith('.bpmn') ? workspace.tabs.current?.editor.modeler : null),
      goTo: (path, element) => workspace.goTo(path, element),
      recorded: (answer) => {
        workspace.draft.follow(answer, { [answer.path]: answer.text });
        workspace.draw();
        workspace.say(t('已记录到 {path}，每次发布前重放。', { path: answer.path }));
      },
    });
  }
  workspace.sandbox.opened();
  workspace.dock.toggle('sandbox');
}

async function publishDraft(workspace) {
  const { checking, draft, server } = workspace;
  await workspace.flush();
  await checking.now();
  if (checking.errors) {
    workspace.dock.open('check');
    workspace.say(t('有 {n} 个错误，改好才能发布。', { n: checking.errors }));
    return;
  }
  try {
    const answer = await publish(server, draft);
    if (!answer) return;
    // Publishing ends the draft: what is drawn from here on begins another one.
    draft.follow(await server('GET', 'draft'));
    await published(answer);
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    if (error.problem.findings) checking.take(error.problem.findings);
    await refused(error);
  }
}
