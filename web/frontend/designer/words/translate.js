import { inEnglish } from './text.js';

const CHINESE = inEnglish ? {} : (await import('./libraries.js')).LIBRARIES;

function translate(sentence, values = {}) {
  const said = CHINESE[sentence] ?? sentence;
  return said.replace(/{([^}]+)}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Gives the bpmn.io libraries their Chinese. */
export const translateModule = { translate: ['value', translate] };
