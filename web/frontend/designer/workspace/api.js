import { csrf } from '../../lib/islands.js';
import { t } from '../words/text.js';
import { RequestFailed } from './failure.js';

/** Returns the function that asks the server of one package (docs/designer-api.md) and gives its JSON. */
export function serverOf(base) {
  return async function ask(method, path, body) {
    const isForm = body instanceof FormData;
    const headers = { Accept: 'application/json' };
    if (method !== 'GET') headers['X-CSRFToken'] = csrf();
    if (body && !isForm) headers['Content-Type'] = 'application/json';
    let answer;
    try {
      answer = await fetch(`${base}/${path}`, {
        method,
        headers,
        body: isForm || !body ? body : JSON.stringify(body),
      });
    } catch {
      throw new RequestFailed(0, {}, t('连不上服务器，请检查网络。'));
    }
    const isJson = (answer.headers.get('Content-Type') ?? '').includes('json');
    const content = isJson ? await answer.json() : {};
    if (answer.ok) return content;
    throw new RequestFailed(
      answer.status,
      isJson ? content : { detail: t('服务器出错了（{n}）。', { n: answer.status }) },
    );
  };
}
