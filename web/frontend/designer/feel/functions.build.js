import { camundaBuiltins } from '@camunda/feel-builtins';
import { evaluate } from '@bpmn-io/feelin';

/**
 * Vite plugin: completion offers the functions that our engine has. The library's list describes another engine's, with
 * sentences in English; what is kept of each is its signature and its examples, which need no language.
 */
export default function feelFunctions() {
  return {
    name: 'duban-feel-functions',
    enforce: 'pre',
    load(id) {
      if (!/@camunda[\\/]feel-builtins[\\/]dist[\\/]index\.js$/.test(id.split('?')[0])) return null;
      return `export const camundaBuiltins = ${JSON.stringify(knownFunctions())};`;
    },
  };
}

/** The library's descriptions of those functions that the engine has. */
export function knownFunctions() {
  return camundaBuiltins
    .filter(({ name }) => isKnown(name))
    .map(({ name, type, params, info }) => ({ name, type, params, info: shown(info) }));
}

function isKnown(name) {
  try {
    return evaluate(`${name}()`, {}).warnings.every(({ type }) => type !== 'NO_FUNCTION_FOUND');
  } catch {
    return false;
  }
}

const shown = (info) => (info.match(/<pre>.*?<\/pre>/gs) ?? []).join('');
