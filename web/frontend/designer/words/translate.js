import { inEnglish } from './text.js';

const CHINESE = inEnglish ? {} : (await import('./libraries.js')).LIBRARIES;

/** Gives a bpmn.io library its Chinese, with words that only this one says. */
export function translateWith(own) {
  const known = { ...CHINESE, ...own };
  // dmn-js writes some of its places with blanks inside the braces.
  const filled = (said, values) => said.replace(/{\s*([^}]+?)\s*}/g, (whole, name) => values[name] ?? whole);
  return { translate: ['value', (sentence, values = {}) => filled(known[sentence] ?? sentence, values)] };
}

/** Gives the bpmn.io libraries their Chinese. */
export const translateModule = translateWith({});
