// FEEL with its parsed form kept: feelin parses on every call, and parsing is most of the cost.
// What is not in feelin's own exports is exported by the transform in vite.feel.config.js.
import { builtins, interpreter, InterpreterContext } from '@bpmn-io/feelin';
import { DateTime, FixedOffsetZone, Settings } from 'luxon';

const KEPT = 2000;
const WALKED = 3000;
const PLAIN_NAME = /^[\p{L}_?][\p{L}\p{N}_]*$/u;
const parsed = new Map();

// feelin's today() is a date and time at local midnight, which equals no date; the standard says date.
builtins.today = Object.assign(
  () => {
    const now = DateTime.now();
    return DateTime.fromObject(
      { year: now.year, month: now.month, day: now.day },
      { zone: FixedOffsetZone.utcInstance },
    );
  },
  { $args: [] },
);

// Warnings are written out at once, values and all, which nobody reads here.
const quiet = Object.assign(new InterpreterContext(), { addWarning() {} });

// In a decision a call that reaches no function is a mistake of the designer, not a null.
const UNCALLED = new Set(['NO_FUNCTION_FOUND', 'FUNCTION_INVOCATION_FAILURE']);
const strict = Object.assign(new InterpreterContext(), {
  addWarning(node, type) {
    if (UNCALLED.has(type)) throw new Error('cannot be called like this: ' + String(node.input).slice(0, 120));
  },
});

export function freeze(millis) {
  Settings.now = () => millis;
}

// FEEL names may contain spaces and operators, so the names in scope decide how a text is parsed.
// Returns those names as one string, or null when the scope is too large to be sure.
export function unusualNames(scope) {
  const found = new Set();
  const open = [scope];
  let steps = 0;
  while (open.length) {
    const value = open.pop();
    if (value === null || typeof value !== 'object' || value.isLuxonDateTime || value.isLuxonDuration) continue;
    if (Array.isArray(value)) {
      for (const item of value) {
        if (++steps > WALKED) return null;
        if (item !== null && typeof item === 'object') open.push(item);
      }
      continue;
    }
    for (const key of Object.keys(value)) {
      if (++steps > WALKED) return null;
      if (!PLAIN_NAME.test(key)) found.add(key);
      open.push(value[key]);
    }
  }
  return [...found].sort().join('\u0000');
}

function parse(kind, text, scope, notes) {
  const { root } = interpreter[kind](text, scope, undefined, notes);
  if (root === undefined) throw Object.assign(new Error('empty expression'), { position: { from: 0, to: 0 } });
  return root;
}

// Parses a text of a decision for good: `shape` has the names that it may use.
export function parseForDecision(kind, text, shape) {
  return parse(kind, text, shape, strict);
}

export function evaluate(text, scope, names) {
  const key = names === null ? null : text + '\u0000' + names;
  let root = key === null ? undefined : parsed.get(key);
  if (root === undefined) {
    root = parse('evaluate', text, scope, quiet);
    if (key !== null) {
      if (parsed.size >= KEPT) parsed.delete(parsed.keys().next().value);
      parsed.set(key, root);
    }
  }
  return root(scope);
}
