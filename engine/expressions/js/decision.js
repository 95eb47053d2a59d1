// A DMN decision table in one crossing: inputs, rules, hit policy (DMN 1.5, 8.2.8).
import { evaluate, passes, unusualNames } from './feel.js';

class TableError extends Error {}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const aggregations = {
  SUM: (values) => values.reduce((a, b) => a + b, 0),
  MIN: (values) => values.reduce((a, b) => (b < a ? b : a)),
  MAX: (values) => values.reduce((a, b) => (b > a ? b : a)),
};

// Positions of an output in its list of allowed values; earlier means higher priority.
function ranks(table, hit) {
  return table.outputs.map((output, column) => {
    const at = (output.priorities || []).findIndex((value) => same(value, hit.values[column]));
    return at < 0 ? Infinity : at;
  });
}

function byPriority(a, b) {
  for (let column = 0; column < a.ranks.length; column++) {
    if (a.ranks[column] !== b.ranks[column]) return a.ranks[column] - b.ranks[column];
  }
  return a.rule - b.rule;
}

export function decideTable(table, variables, place) {
  const names = unusualNames(variables);
  const inputs = table.inputs.map((input, column) => {
    Object.assign(place, { column: column + 1, part: 'input', row: 0 });
    return evaluate(input.expression, variables, names);
  });
  table.inputs.forEach((input, column) => {
    Object.assign(place, { column: column + 1, part: 'input', row: 0 });
    if (input.allowed && inputs[column] !== null && inputs[column] !== undefined &&
        !passes(input.allowed, inputs[column], variables, names)) {
      throw Object.assign(new TableError('not-allowed'), { name: 'not-allowed' });
    }
  });
  table.outputs.forEach((output, column) => {
    Object.assign(place, { column: column + 1, part: 'output', row: 0 });
    output.priorities = output.allowed ? evaluate('[' + output.allowed + ']', variables, names) : null;
  });

  let hits = [];
  const matches = (rule, number) => rule.tests.every((test, column) => {
    Object.assign(place, { row: number, column: column + 1, part: 'input' });
    return passes(test, inputs[column], variables, names);
  });
  for (let number = 1; number <= table.rules.length; number++) {
    const rule = table.rules[number - 1];
    if (!matches(rule, number)) continue;
    const values = rule.results.map((text, column) => {
      Object.assign(place, { row: number, column: column + 1, part: 'output' });
      return text === '' || text === '-' ? null : evaluate(text, variables, names);
    });
    hits.push({ rule: number, values });
    if (table.policy === 'FIRST') break;
  }

  Object.assign(place, { row: 0, column: 0, part: '' });
  if (!hits.length) {
    const defaults = table.outputs.map((output, column) => {
      Object.assign(place, { column: column + 1, part: 'output' });
      return output.fallback ? evaluate(output.fallback, variables, names) : null;
    });
    if (table.outputs.some((output) => output.fallback)) hits = [{ rule: 0, values: defaults }];
  }
  return { inputs, ...settle(table, hits, place) };
}

function named(table, values) {
  if (table.outputs.length === 1) return values[0] === undefined ? null : values[0];
  return Object.fromEntries(table.outputs.map((output, column) => [output.name, values[column] ?? null]));
}

function settle(table, hits, place) {
  const rules = (list) => list.map((hit) => hit.rule).filter(Boolean);
  const broken = (name) => {
    place.rules = rules(hits);
    throw Object.assign(new TableError(name), { name });
  };
  const one = (hit) => ({ outputs: hit ? named(table, hit.values) : null, rules: hit ? rules([hit]) : [] });
  const many = (list) => ({ outputs: list.map((hit) => named(table, hit.values)), rules: rules(list) });
  const ranked = () => hits.map((hit) => ({ ...hit, ranks: ranks(table, hit) })).sort(byPriority);

  switch (table.policy) {
    case 'UNIQUE':
      if (hits.length > 1) broken('not-unique');
      return one(hits[0]);
    case 'ANY':
      if (hits.some((hit) => !same(hit.values, hits[0].values))) broken('not-any');
      return { ...one(hits[0]), rules: rules(hits) };
    case 'FIRST':
      return one(hits[0]);
    case 'PRIORITY':
      return one(ranked()[0]);
    case 'RULE ORDER':
      return many(hits);
    case 'OUTPUT ORDER':
      return many(ranked());
    default:
      break;
  }
  if (!table.aggregation) return many(hits);
  const aggregate = (column) => {
    const values = hits.map((hit) => hit.values[column]);
    if (table.aggregation === 'COUNT') return values.length;
    if (!values.length) return null;
    if (values.some((value) => typeof value !== 'number')) {
      Object.assign(place, { column: column + 1, part: 'output' });
      broken('not-number');
    }
    return aggregations[table.aggregation](values);
  };
  return { outputs: named(table, table.outputs.map((_, column) => aggregate(column))), rules: rules(hits) };
}
