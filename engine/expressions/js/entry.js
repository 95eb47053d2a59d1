// What Python may call. Every function takes JSON and returns JSON: {values: [...]} or {error, kind, index, place}.
import './guard.js';
import './intl.js';
import { decideTable } from './decision.js';
import { evaluate, freeze, unusualNames } from './feel.js';
import { plain, read } from './values.js';

function failure(error, index, place) {
  const message = String((error && error.message) || error);
  const name = String((error && error.name) || '');
  let kind = 'failed';
  // QuickJS throws null when there is no memory left even for an error.
  if (error === null || error === undefined) kind = 'memory';
  else if (/stack overflow|call stack/i.test(message)) kind = 'stack';
  else if (/out of memory/i.test(message)) kind = 'memory';
  else if (error && error.position) kind = 'syntax';
  return JSON.stringify({ error: message.slice(0, 300), name, kind, index, place, position: error && error.position });
}

globalThis.evaluateMany = (texts, variables, millis) => {
  let index = 0;
  try {
    freeze(millis);
    const scope = read(variables);
    const names = unusualNames(scope);
    const values = [];
    for (const text of JSON.parse(texts)) {
      values.push(plain(evaluate(text, scope, names)));
      index += 1;
    }
    return JSON.stringify({ values });
  } catch (error) {
    return failure(error, index);
  }
};

// Rows of a repeated form group: the same texts over many scopes that differ in a few names.
globalThis.evaluateEach = (texts, shared, scopes, millis) => {
  let index = 0;
  try {
    freeze(millis);
    const base = read(shared);
    const list = JSON.parse(texts);
    const values = read(scopes).map((own) => {
      const scope = Object.assign({}, base, own);
      const names = unusualNames(scope);
      index = 0;
      return list.map((text) => {
        const value = plain(evaluate(text, scope, names));
        index += 1;
        return value;
      });
    });
    return JSON.stringify({ values });
  } catch (error) {
    return failure(error, index);
  }
};

globalThis.decideTable = (table, variables, millis) => {
  const place = {};
  try {
    freeze(millis);
    return JSON.stringify({ values: plain(decideTable(JSON.parse(table), read(variables), place)) });
  } catch (error) {
    return failure(error, 0, place);
  }
};
