// The decisions of one DMN file: parsed once, kept, evaluated with all that they require in one crossing.
import { wrapFunction } from '@bpmn-io/feelin';
import { build, buildFunction } from './boxed.js';
import { parseForDecision, unusualNames } from './feel.js';
import { Types } from './types.js';

// Parsed, a model takes some eighty bytes of memory for each character.
const KEPT_CHARACTERS = 250000;
const KEPT_FORMS = 2;
const KEPT_RECORDS = 100;
const kept = new Map();

// Parses the texts of a model; what cannot be parsed is a problem with its place, and fails when it is reached.
class Builder {
  constructor(source) {
    this.problems = [];
    this.place = { owner: '', path: [], row: 0, column: 0, part: '', label: '' };
    this.texts = new WeakMap();
    this.types = new Types(source.types, (text) => {
      const test = this.text('unaryTest', text, { '?': null });
      return (value, scope) => test({ ...scope, '?': value })(value) === true;
    });
  }

  of(owner, action) {
    this.place = { owner, path: [], row: 0, column: 0, part: '', label: '' };
    return action();
  }

  inside(label, action) {
    const before = this.place;
    this.place = { ...before, path: [...before.path, label] };
    const result = action();
    this.place = before;
    return result;
  }

  at(cell, action) {
    const before = this.place;
    this.place = { ...before, ...cell };
    const result = action();
    this.place = before;
    return result;
  }

  problem(name, text = '', error = undefined) {
    const message = error ? String(error.message).slice(0, 200) : '';
    this.problems.push({ ...this.place, name, text: text.slice(0, 120), message });
  }

  text(kind, text, shape) {
    let known = this.texts.get(shape);
    if (!known) this.texts.set(shape, (known = new Map()));
    const key = kind + text;
    let root = known.get(key);
    if (root) return root;
    try {
      root = parseForDecision(kind, text, shape);
    } catch (error) {
      if (!error || !error.position) throw error;
      this.problem('syntax', text, error);
      return () => {
        throw error;
      };
    }
    known.set(key, root);
    return root;
  }
}

// All names that the texts may use.
function shapeOf(source, types, variables) {
  const shape = { ...variables };
  for (const { name, type } of Object.values(source.inputs)) shape[name] = types.shape(type);
  for (const { variable, type } of Object.values(source.decisions)) shape[variable] = types.shape(type);
  for (const { name } of [...Object.values(source.knowledge), ...Object.values(source.services)]) shape[name] = null;
  return shape;
}

function compile(source, variables) {
  const b = new Builder(source);
  const shape = shapeOf(source, b.types, variables);
  const compiled = { decisions: {}, knowledge: {}, inputs: {} };
  for (const [id, decision] of Object.entries(source.decisions)) {
    compiled.decisions[id] = b.of(id, () => ({
      compute: build(b, decision.logic, shape),
      turn: b.types.into(decision.type),
    }));
  }
  for (const [id, model] of Object.entries(source.knowledge)) {
    compiled.knowledge[id] = b.of(id, () => ({
      make: buildFunction(b, model.function, shape),
      turn: b.types.into(model.type),
    }));
  }
  for (const [id, input] of Object.entries(source.inputs))
    compiled.inputs[id] = b.of(id, () => b.types.into(input.type));
  return { ...compiled, source, problems: b.problems };
}

// The names in the variables that matter for parsing: unusual ones that some text of the model contains.
function namesThatMatter(entry, variables) {
  const names = unusualNames(variables);
  return names === null || names === ''
    ? ''
    : names
        .split('\u0000')
        .filter((name) => entry.text.includes(name))
        .join('\u0000');
}

// Parses a model and keeps it, at the cost of those that were loaded first; returns the problems.
export function load(key, text, variables) {
  const entry = kept.get(key) || { text, forms: new Map() };
  kept.delete(key);
  let room = KEPT_CHARACTERS - text.length;
  for (const [other, { text: its, forms }] of [...kept].reverse()) {
    room -= its.length * forms.size;
    if (room < 0) kept.delete(other);
  }
  kept.set(key, entry);
  const form = compile(JSON.parse(text), variables);
  if (entry.forms.size >= KEPT_FORMS) entry.forms.delete(entry.forms.keys().next().value);
  entry.forms.set(namesThatMatter(entry, variables), form);
  return form.problems;
}

// The parsed model that fits these variables, or null when it has to be loaded first.
export function find(key, variables) {
  const entry = kept.get(key);
  return (entry && entry.forms.get(namesThatMatter(entry, variables))) || null;
}

const frame = (kind, id, name) => ({ kind, id, name, path: [], row: 0, column: 0, part: '', label: '' });

// One evaluation: the answers so far, where it is, and what it went by.
export class Run {
  constructor(model, variables) {
    this.model = model;
    this.variables = variables;
    this.answers = new Map();
    this.frames = [frame('', '', '')];
    this.records = [];
  }

  get frame() {
    return this.frames[this.frames.length - 1];
  }

  // Where a failure happened; `decision` is the decision that was asked for something.
  get place() {
    return { ...this.frame, decision: (this.frames[1] || this.frame).id };
  }

  at(row, column, part, label) {
    const { frame: here } = this;
    here.row = row;
    here.column = column;
    here.part = part;
    here.label = label;
  }

  inside(label, action) {
    const { frame: here } = this;
    here.path.push(label);
    const value = action();
    here.path.pop();
    return value;
  }

  under(kind, id, name, action) {
    this.frames.push(frame(kind, id, name));
    const value = action();
    this.frames.pop();
    return value;
  }

  keep(inputs, rules, outputs) {
    const { kind, id, name, path } = this.frame;
    if (this.records.length < KEPT_RECORDS)
      this.records.push({ kind, id, name, path: path.filter(Boolean), inputs, rules, outputs });
  }

  ask(id) {
    return this.model.source.services[id] ? this.service(id, this.variables) : this.decision(id);
  }

  decision(id) {
    if (this.answers.has(id)) return this.answers.get(id);
    const decision = this.model.source.decisions[id];
    const required = {};
    for (const other of decision.requires) required[this.model.source.decisions[other].variable] = this.decision(other);
    return this.under('decision', id, decision.name, () => {
      for (const input of decision.inputs) {
        const { name } = this.model.source.inputs[input];
        required[name] = this.inside(name, () => this.model.inputs[input](this.variables[name]));
      }
      const scope = { ...this.variables, ...required, ...this.functions(decision.knowledge) };
      const { compute, turn } = this.model.decisions[id];
      const answer = turn(compute(scope, this));
      if (decision.logic.kind !== 'table') this.keep(required, [], answer);
      this.answers.set(id, answer);
      return answer;
    });
  }

  functions(ids) {
    const { knowledge, services } = this.model.source;
    return Object.fromEntries(
      ids.map((id) =>
        knowledge[id] ? [knowledge[id].name, this.knowledge(id)] : [services[id].name, this.serviceFunction(id)],
      ),
    );
  }

  // A business knowledge model as a function; it may call itself.
  knowledge(id) {
    const { name, requires, function: logic } = this.model.source.knowledge[id];
    const { make, turn } = this.model.knowledge[id];
    return wrapFunction(
      (...values) => {
        const scope = { ...this.variables, ...this.functions([...requires.filter((one) => one !== id), id]) };
        return this.under('knowledge', id, name, () => turn(make(scope, this).invoke(values)));
      },
      logic.parameters.map((parameter) => parameter.name),
    );
  }

  serviceFunction(id) {
    const { decisions, inputs, services } = this.model.source;
    const names = [
      ...services[id].inputs.map((one) => inputs[one].name),
      ...services[id].given.map((one) => decisions[one].variable),
    ];
    return wrapFunction((...values) => {
      const given = Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
      return this.service(id, { ...this.variables, ...given });
    }, names);
  }

  // The output decisions of a service; its input decisions are given by name and not evaluated.
  service(id, variables) {
    const { decisions, services } = this.model.source;
    const { outputs, given, name } = services[id];
    const inner = new Run(this.model, variables);
    inner.frames = this.frames;
    inner.records = this.records;
    for (const one of given) inner.answers.set(one, variables[decisions[one].variable] ?? null);
    return this.under('service', id, name, () => {
      const answers = outputs.map((one) => [decisions[one].variable, inner.decision(one)]);
      return answers.length === 1 ? answers[0][1] : Object.fromEntries(answers);
    });
  }
}
