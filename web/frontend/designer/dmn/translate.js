import { inEnglish } from '../words/text.js';
import { translateWith } from '../words/translate.js';

/** Gives dmn-js its Chinese: what all editors say, and what only tables do. */
export const translateModule = translateWith(inEnglish ? {} : (await import('../words/tables.js')).TABLES);
