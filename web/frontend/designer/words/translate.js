import { inEnglish } from './text.js';

const CHINESE = inEnglish ? {} : (await import('./libraries.js')).LIBRARIES;

function translate(sentence, values = {}) {
  const said = CHINESE[sentence] ?? sentence;
  // dmn-js writes some of its places with blanks inside the braces.
  return said.replace(/{\s*([^}]+?)\s*}/g, (whole, name) => values[name] ?? whole);
}

/** Gives the bpmn.io libraries their Chinese. */
export const translateModule = { translate: ['value', translate] };
