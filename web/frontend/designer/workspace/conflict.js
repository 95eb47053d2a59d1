import { ask } from './dialog.js';
import { el } from './dom.js';
import { asCopy } from './copies.js';
import { moment, t } from '../words/text.js';

/**
 * Somebody else saved first: the person chooses, and nothing of either is lost. Resolves when one of the ways was
 * taken, to `theirs` or `copy`; to null when the dialog was put off (the draft stays unsaved, in the browser's storage).
 */
export async function settleConflict(draft, { who, at }, { compare }) {
  for (;;) {
    const way = await ask({
      title: t('别人已保存了新的草稿'),
      words: t('{who} 在 {at} 保存过。您的改动还没有保存，也没有覆盖任何人的。', {
        who: who ?? t('别人'),
        at: at ? moment(at) : '',
      }),
      fields: [
        el(
          'ul',
          {},
          [...draft.changed.keys()].map((path) => el('li', {}, path)),
        ),
      ],
      buttons: [
        ['see', t('看看有什么不同')],
        ['copy', t('我的另存为副本'), 'btn-primary'],
        ['theirs', t('用别人的，放弃我的')],
      ],
    });
    if (way === 'see') await compare();
    else if (way === 'theirs') return (await draft.takeTheirs()) && 'theirs';
    else if (way === 'copy') return (await draft.keepAsCopies(asCopy)) && 'copy';
    else return null;
  }
}
