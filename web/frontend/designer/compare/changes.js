import { t } from '../words/text.js';
import { changedElements } from './differ.js';

/** Returns what differs between two sets of files, in the form of the server's comparison, by element names. */
export async function changesBetween(from, to) {
  const paths = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  const found = await Promise.all(paths.map((path) => changesOf(path, from[path], to[path])));
  return found.flat();
}

async function changesOf(path, before, after) {
  if (before === after) return [];
  if (before === undefined) return [{ path, kind: 'added', element: null, words: t('新增文件 {path}', { path }) }];
  if (after === undefined) return [{ path, kind: 'removed', element: null, words: t('删除文件 {path}', { path }) }];
  if (!path.endsWith('.bpmn')) return [{ path, kind: 'changed', element: null, words: t('{path} 有改动', { path }) }];
  const marks = await changedElements(before, after);
  return Object.entries(marks).flatMap(([kind, ids]) =>
    ids.map((element) => ({ path, kind, element, words: nameIn(kind === 'removed' ? before : after, element) })),
  );
}

function nameIn(xml, id) {
  const tag = new RegExp(`<[^>]*\\sid="${id.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"[^>]*>`).exec(xml)?.[0] ?? '';
  return /\sname="([^"]*)"/.exec(tag)?.[1] || id;
}
