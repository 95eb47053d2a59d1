// What Python may call. Every function takes JSON and returns JSON: {values: [...]} or {error, kind, index, place}.
import './guard.js';
import './intl.js';
import { evaluate, freeze, unusualNames } from './feel.js';
import { find, load, Run } from './model.js';
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
  const { position, rules, type } = error || {};
  return JSON.stringify({ error: message.slice(0, 300), name, kind, index, place, position, rules, type });
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

// Parses a DMN model and keeps it under a key; answers with the problems of its texts.
globalThis.loadDecisions = (key, model, variables) => {
  try {
    return JSON.stringify({ values: load(key, model, read(variables)) });
  } catch (error) {
    return failure(error, 0);
  }
};

// What a value looks like in the record: a function that a decision made is named, not kept.
function shown(value) {
  try {
    return plain(value);
  } catch {
    return 'function';
  }
}

// Decides by a model that is kept; {values: null} asks for it to be loaded first.
globalThis.decide = (key, id, variables, millis) => {
  let run;
  try {
    freeze(millis);
    const scope = read(variables);
    const model = find(key, scope);
    if (model === null) return '{"values":null}';
    run = new Run(model, scope);
    const outputs = plain(run.ask(id));
    const records = run.records.map((one) => ({ ...one, inputs: shown(one.inputs), outputs: shown(one.outputs) }));
    return JSON.stringify({ values: { outputs, records } });
  } catch (error) {
    return failure(error, 0, run && run.place);
  }
};
