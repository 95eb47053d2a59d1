import modelling from 'bpmn-js-i18n/translations/zn.js';
import { inEnglish } from './text.js';
import { LIBRARIES } from './libraries.js';

/** Sentences of the libraries that were shown in Chinese pages without a translation; a browser test reads it. */
export const untranslated = new Set();

function translate(sentence, values = {}) {
  const chinese = inEnglish ? sentence : (LIBRARIES[sentence] ?? modelling[sentence]);
  if (chinese === undefined) untranslated.add(sentence);
  return (chinese ?? sentence).replace(/{([^}]+)}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Gives the bpmn.io libraries their Chinese. */
export const translateModule = { translate: ['value', translate] };
