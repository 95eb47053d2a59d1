// Boxed expressions (DMN 1.5, 7.3): each builder returns (scope, run) => value, with all texts parsed.
import { wrapFunction } from '@bpmn-io/feelin';
import { buildTable } from './table.js';

const listed = (value) => {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) || typeof value.map === 'function' ? value.map((item) => item) : [value];
};

const isContext = (value) =>
  value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;

function literal(b, logic, shape) {
  const compute = b.text('evaluate', logic.text, shape);
  const turn = b.types.into(logic.type);
  return (scope) => turn(compute(scope));
}

function context(b, logic, shape) {
  const known = { ...shape };
  const entries = logic.entries.map(({ name, logic: inner, type }) => {
    const compute = b.inside(name, () => build(b, inner, { ...known }));
    if (name) known[name] = b.types.shape(type);
    return { name, compute, turn: b.types.into(type) };
  });
  return (scope, run) => {
    const seen = { ...scope };
    const made = {};
    for (const { name, compute, turn } of entries) {
      const value = run.inside(name, () => turn(compute(seen, run)));
      if (name === '') return value;
      seen[name] = made[name] = value;
    }
    return made;
  };
}

function list(b, logic, shape) {
  const items = logic.items.map((item, index) => b.inside(`${index + 1}`, () => build(b, item, shape)));
  return (scope, run) => items.map((compute, index) => run.inside(`${index + 1}`, () => compute(scope, run)));
}

// A function sees what stands around it, and its parameters.
export function buildFunction(b, logic, shape) {
  const parameters = logic.parameters.map(({ name, type }) => ({ name, turn: b.types.into(type) }));
  const known = { ...shape };
  for (const { name, type } of logic.parameters) known[name] = b.types.shape(type);
  const body = build(b, logic.body, known);
  return (scope, run) =>
    wrapFunction(
      (...values) => {
        const given = parameters.map(({ name, turn }, index) => [name, run.inside(name, () => turn(values[index]))]);
        return body({ ...scope, ...Object.fromEntries(given) }, run);
      },
      parameters.map(({ name }) => name),
    );
}

function invocation(b, logic, shape) {
  const target = build(b, logic.function, shape);
  const bindings = logic.bindings.map(({ name, logic: inner, type }) => {
    const compute = b.inside(name, () => build(b, inner, shape));
    return { name, compute, turn: b.types.into(type) };
  });
  return (scope, run) => {
    const called = wrapFunction(target(scope, run));
    if (!called) throw new Error('what is invoked is no function');
    const given = {};
    for (const { name, compute, turn } of bindings) {
      if (!called.parameterNames.includes(name)) throw new Error(`the function has no parameter ${name}`);
      given[name] = run.inside(name, () => turn(compute(scope, run)));
    }
    return called.invoke(given);
  };
}

function conditional(b, logic, shape) {
  const [condition, then, otherwise] = [logic.condition, logic.then, logic.otherwise].map((part) =>
    build(b, part, shape),
  );
  return (scope, run) => (condition(scope, run) === true ? then(scope, run) : otherwise(scope, run));
}

function filter(b, logic, shape) {
  const items = build(b, logic.items, shape);
  const match = build(b, logic.match, { ...shape, item: null });
  return (scope, run) => {
    const found = listed(items(scope, run));
    if (found === null) return null;
    return found.filter((item) => match({ ...scope, ...(isContext(item) ? item : {}), item }, run) === true);
  };
}

function iteration(b, logic, shape) {
  const items = build(b, logic.items, shape);
  const result = build(b, logic.result, { ...shape, [logic.variable]: null, partial: null });
  return (scope, run) => {
    const found = listed(items(scope, run));
    if (found === null) return null;
    const partial = [];
    for (const item of found) partial.push(result({ ...scope, [logic.variable]: item, partial }, run));
    if (logic.manner === 'for') return partial;
    return logic.manner === 'every' ? partial.every((one) => one === true) : partial.some((one) => one === true);
  };
}

const BUILDERS = {
  literal,
  context,
  list,
  invocation,
  conditional,
  filter,
  iteration,
  function: buildFunction,
  table: buildTable,
};

export function build(b, logic, shape) {
  return BUILDERS[logic.kind](b, logic, shape);
}
