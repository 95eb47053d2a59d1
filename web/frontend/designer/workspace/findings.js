import { el } from './dom.js';
import { t } from '../words/text.js';

const ORDER = { error: 0, warning: 1 };
const WORDS = { error: t('错误'), warning: t('警告') };

/** The list of what the check found: each with where it is, what to do, and a fix where the server knows one. */
export function drawFindings(root, findings, { jump, fix, mayFix }) {
  if (!findings.length) {
    root.replaceChildren(el('p', { class: 'blank' }, t('没有发现问题，可以发布。')));
    return;
  }
  const sorted = [...findings].sort((one, other) => ORDER[one.severity] - ORDER[other.severity]);
  root.replaceChildren(
    el(
      'ul',
      { class: 'findings' },
      sorted.map((one) => row(one, { jump, fix, mayFix })),
    ),
  );
}

function row(finding, { jump, fix, mayFix }) {
  const fixes = mayFix ? (finding.fixes ?? []) : [];
  return el(
    'li',
    { class: finding.severity },
    el('span', { class: `chip ${finding.severity === 'error' ? 'red' : 'amber'}` }, WORDS[finding.severity]),
    el(
      'button',
      { type: 'button', class: 'where', onclick: () => jump(finding) },
      finding.name || finding.element || finding.path,
    ),
    el('span', { class: 'what' }, finding.message, ' ', el('small', {}, finding.help)),
    el('code', {}, finding.code),
    el(
      'span',
      { class: 'fixes' },
      fixes.map((one) =>
        el('button', { type: 'button', class: 'btn btn-sm', onclick: () => fix(one) }, one.label || t('修复')),
      ),
    ),
  );
}

/** Returns the severity of the worst finding of each file. */
export function worst(findings) {
  const marks = new Map();
  for (const { path, severity } of findings) if (marks.get(path) !== 'error') marks.set(path, severity);
  return marks;
}
