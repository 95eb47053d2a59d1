import modelling from 'bpmn-js-i18n/translations/zn.js';
import { inEnglish } from './text.js';
import { LIBRARIES } from './libraries.js';

function translate(sentence, values = {}) {
  const said = inEnglish ? sentence : (LIBRARIES[sentence] ?? modelling[sentence] ?? sentence);
  return said.replace(/{([^}]+)}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Gives the bpmn.io libraries their Chinese. */
export const translateModule = { translate: ['value', translate] };
