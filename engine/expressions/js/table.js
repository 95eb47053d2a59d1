// A decision table: inputs, rules, hit policy (DMN 1.5, 8.2.8).
import { equals } from '@bpmn-io/feelin';
import { DateTime, Duration } from 'luxon';
import { isSimple, simpleTest, simpleValue } from './cells.js';

const same = (a, b) => equals(a ?? null, b ?? null, true) === true;

const broken = (name) => Object.assign(new Error(name), { name });

const kindOf = (value) => {
  if (DateTime.isDateTime(value)) return 'moment';
  return Duration.isDuration(value) ? 'duration' : typeof value;
};

// Sums of decimal fractions are decimal in FEEL; fifteen digits are what a double holds of them.
const total = (values) => Number(values.reduce((a, b) => a + b, 0).toPrecision(15));

const AGGREGATIONS = {
  SUM: { of: ['number'], settle: total },
  MIN: { of: ['number', 'string', 'moment', 'duration'], settle: (values) => values.reduce((a, b) => (b < a ? b : a)) },
  MAX: { of: ['number', 'string', 'moment', 'duration'], settle: (values) => values.reduce((a, b) => (b > a ? b : a)) },
};

const isAny = (text) => text === '' || text === '-';

function buildInput(b, input, number, shape, cells) {
  return b.at({ row: 0, column: number, part: 'input', label: input.label }, () => {
    const allowed = input.allowed || b.types.allowed(input.type);
    return {
      label: input.label,
      name: input.name,
      compute: b.text('evaluate', input.expression, shape),
      turn: b.types.into(input.type),
      allowed: allowed ? b.text('unaryTest', allowed, cells) : null,
    };
  });
}

function buildOutput(b, output, number, shape, ranked) {
  return b.at({ row: 0, column: number, part: 'output', label: output.label }, () => {
    const allowed = output.allowed || b.types.allowed(output.type);
    return {
      name: output.name,
      label: output.label,
      turn: b.types.into(output.type),
      fallback: output.fallback ? b.text('evaluate', output.fallback, shape) : null,
      allowed: output.allowed ? b.text('unaryTest', output.allowed, { ...shape, '?': null }) : null,
      priorities: ranked && allowed ? b.text('evaluate', '[' + allowed + ']', shape) : null,
    };
  });
}

// A cell with nothing but literals is parsed as FEEL only when a value comes that is no literal.
function buildTest(b, text, cells) {
  const simple = simpleTest(text);
  if (!simple) {
    const test = b.text('unaryTest', text, cells);
    return (scope, value) => test(scope)(value) === true;
  }
  let test = null;
  return (scope, value) => {
    if (isSimple(value)) return simple(value);
    test ??= b.text('unaryTest', text, cells);
    return test(scope)(value) === true;
  };
}

function buildResult(b, text, shape) {
  const simple = simpleValue(text);
  return simple ? () => simple.value : b.text('evaluate', text, shape);
}

function buildRule(b, rule, row, table, shape, cells) {
  const cell = (part, columns, texts, make) =>
    texts.map((text, column) =>
      isAny(text) ? null : b.at({ row, column: column + 1, part, label: columns[column].label }, () => make(text)),
    );
  return {
    tests: cell('input', table.inputs, rule.tests, (text) => buildTest(b, text, cells)),
    results: cell('output', table.outputs, rule.results, (text) => buildResult(b, text, shape)),
  };
}

// Positions of an output in its list of values; earlier means higher priority.
function ranksOf(priorities, hit) {
  return priorities.map((list, column) => {
    if (!list) return 0;
    const value = hit.values[column];
    const at = list.findIndex((one) =>
      one && typeof one.includes === 'function' && !Array.isArray(one)
        ? one.includes(value) === true
        : same(one, value),
    );
    return at < 0 ? Infinity : at;
  });
}

function byPriority(a, b) {
  for (let column = 0; column < a.ranks.length; column++) {
    if (a.ranks[column] !== b.ranks[column]) return a.ranks[column] - b.ranks[column];
  }
  return a.rule - b.rule;
}

class Evaluation {
  constructor(table, scope, run) {
    this.table = table;
    this.run = run;
    this.scope = { ...scope };
    this.inputs = table.inputs.map((input, column) => this.input(input, column + 1));
  }

  input(input, column) {
    this.run.at(0, column, 'input', input.label);
    const value = input.turn(input.compute(this.scope));
    if (input.allowed && value !== null && !this.passes(input.allowed, value)) throw broken('not-allowed');
    if (input.name) this.scope[input.name] = value;
    return value;
  }

  passes(test, value) {
    this.scope['?'] = value;
    const passed = test(this.scope)(value) === true;
    delete this.scope['?'];
    return passed;
  }

  matches(rule, row) {
    const { run, scope, inputs, table } = this;
    for (let column = 0; column < inputs.length; column++) {
      const test = rule.tests[column];
      if (test === null) continue;
      run.at(row, column + 1, 'input', table.inputs[column].label);
      scope['?'] = inputs[column];
      if (!test(scope, inputs[column])) return false;
    }
    return true;
  }

  values(results, row) {
    return results.map((compute, column) => {
      if (compute === null) return null;
      const output = this.table.outputs[column];
      this.run.at(row, column + 1, 'output', output.label);
      const value = output.turn(compute(this.scope));
      if (output.allowed && value !== null && !this.passes(output.allowed, value)) throw broken('not-allowed');
      return value;
    });
  }

  hits() {
    const found = [];
    for (let row = 1; row <= this.table.rules.length; row++) {
      const rule = this.table.rules[row - 1];
      const matched = this.matches(rule, row);
      delete this.scope['?'];
      if (!matched) continue;
      found.push({ rule: row, values: this.values(rule.results, row) });
      if (this.table.policy === 'FIRST') break;
    }
    return found;
  }

  named(values) {
    const { outputs } = this.table;
    if (outputs.length === 1) return values[0];
    return Object.fromEntries(outputs.map((output, column) => [output.name, values[column]]));
  }

  ranked(hits) {
    const priorities = this.table.outputs.map((output) => output.priorities && output.priorities(this.scope));
    return hits.map((hit) => ({ ...hit, ranks: ranksOf(priorities, hit) })).sort(byPriority);
  }

  broken(name, hits) {
    return Object.assign(broken(name), { rules: hits.map((hit) => hit.rule) });
  }

  one(hit) {
    return { outputs: hit ? this.named(hit.values) : this.fallback(null), rules: hit ? [hit.rule] : [] };
  }

  many(hits) {
    if (!hits.length) return { outputs: this.fallback([], (value) => [value]), rules: [] };
    return { outputs: hits.map((hit) => this.named(hit.values)), rules: hits.map((hit) => hit.rule) };
  }

  // What the table says when no rule matches.
  fallback(otherwise, wrap = (value) => value) {
    const { outputs } = this.table;
    if (!outputs.some((output) => output.fallback)) return otherwise;
    return wrap(
      this.named(
        this.values(
          outputs.map((output) => output.fallback),
          0,
        ),
      ),
    );
  }

  aggregate(hits) {
    const { aggregation } = this.table;
    const rules = hits.map((hit) => hit.rule);
    if (!hits.length) return { outputs: this.fallback(aggregation === 'COUNT' ? 0 : null), rules };
    if (aggregation === 'COUNT') return { outputs: hits.length, rules };
    const values = hits.map((hit) => hit.values[0]);
    const { of, settle } = AGGREGATIONS[aggregation];
    const kind = kindOf(values[0]);
    if (!of.includes(kind) || values.some((value) => kindOf(value) !== kind)) {
      this.run.at(0, 1, 'output', this.table.outputs[0].label);
      throw this.broken(aggregation === 'SUM' ? 'not-number' : 'not-comparable', hits);
    }
    return { outputs: settle(values), rules };
  }

  settle(hits) {
    this.run.at(0, 0, 'table', '');
    switch (this.table.policy) {
      case 'UNIQUE':
        if (hits.length > 1) throw this.broken('not-unique', hits);
        return this.one(hits[0]);
      case 'ANY':
        if (hits.some((hit) => hit.values.some((value, column) => !same(value, hits[0].values[column])))) {
          throw this.broken('not-any', hits);
        }
        return { ...this.one(hits[0]), rules: hits.map((hit) => hit.rule) };
      case 'FIRST':
        return this.one(hits[0]);
      case 'PRIORITY':
        return this.one(this.ranked(hits)[0]);
      case 'OUTPUT ORDER':
        return this.many(this.ranked(hits));
      case 'COLLECT':
        return this.table.aggregation ? this.aggregate(hits) : this.many(hits);
      default:
        return this.many(hits);
    }
  }
}

// Two columns of one label are told apart by their number.
function byLabel(table, inputs) {
  const named = {};
  table.inputs.forEach(({ label }, column) => {
    named[label in named ? `${label} (${column + 1})` : label] = inputs[column];
  });
  return named;
}

export function buildTable(b, logic, shape) {
  const ranked = logic.policy === 'PRIORITY' || logic.policy === 'OUTPUT ORDER';
  const cells = { ...shape, '?': null };
  for (const input of logic.inputs) if (input.name) cells[input.name] = null;
  const table = {
    policy: logic.policy,
    aggregation: logic.aggregation,
    inputs: logic.inputs.map((input, column) => buildInput(b, input, column + 1, shape, cells)),
    outputs: logic.outputs.map((output, column) => buildOutput(b, output, column + 1, shape, ranked)),
    rules: logic.rules.map((rule, row) => buildRule(b, rule, row + 1, logic, shape, cells)),
  };
  if (ranked && !table.outputs.some((output) => output.priorities)) b.problem('no-priorities');
  return (scope, run) => {
    const evaluation = new Evaluation(table, scope, run);
    const settled = evaluation.settle(evaluation.hits());
    run.keep(byLabel(table, evaluation.inputs), settled.rules, settled.outputs);
    run.at(0, 0, '', '');
    return settled.outputs;
  };
}
