import { inEnglish } from './text.js';

const CHINESE = inEnglish ? {} : (await import('./literals.json')).default;

/**
 * Says a text that `literals.build.js` has taken out of a library's code: Chinese from `literals.json`, else as it was.
 * A text with `$0`, `$1` … is given both ways, `Chinese|English`, and filled in from `values`.
 */
export function literal(text, ...values) {
  if (!values.length) return inEnglish ? text : (CHINESE[text] ?? text);
  const [chinese, english] = text.split(/\|(.*)/s);
  return (inEnglish ? english : chinese).replace(/\$(\d)/g, (_, index) => values[index]);
}
