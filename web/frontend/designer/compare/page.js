import { t } from '../words/text.js';
import { serverOf } from '../workspace/api.js';
import { el } from '../workspace/dom.js';
import { RequestFailed } from '../workspace/failure.js';
import { showComparison } from './compare.js';

/** Fetches two states of a package and shows them; says why when that fails. */
export async function show(root) {
  const { base, from, to } = root.dataset;
  const query = new URLSearchParams({ from, to });
  try {
    return await showComparison(root, await serverOf(base)('GET', `compare?${query}`));
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    root.replaceChildren(el('p', { class: 'blank', role: 'alert' }, t('不能比较：{why}', { why: error.message })));
    return null;
  }
}
