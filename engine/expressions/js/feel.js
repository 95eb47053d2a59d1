// FEEL with its parsed form kept: feelin parses on every call, and parsing is most of the cost.
// `builtins`, `interpreter` and `InterpreterContext` are exported by the transform in vite.feel.config.js.
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
    return DateTime.fromObject({ year: now.year, month: now.month, day: now.day }, { zone: FixedOffsetZone.utcInstance });
  },
  { $args: [] },
);

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

function compile(kind, text, scope, names) {
  const key = names === null ? null : kind + '\u0000' + text + '\u0000' + names;
  let entry = key === null ? undefined : parsed.get(key);
  if (entry === undefined) {
    const notes = new InterpreterContext();
    entry = { notes, root: interpreter[kind](text, scope, undefined, notes).root };
    if (key !== null) {
      if (parsed.size >= KEPT) parsed.delete(parsed.keys().next().value);
      parsed.set(key, entry);
    }
  }
  entry.notes.warnings.length = 0;
  return entry.root;
}

export function evaluate(text, scope, names) {
  const root = compile('evaluate', text, scope, names);
  if (root === undefined) throw Object.assign(new Error('empty expression'), { position: { from: 0, to: 0 } });
  return root(scope);
}

export function passes(text, value, scope, names) {
  if (text === '' || text === '-') return true;
  const inner = Object.assign({}, scope, { '?': value });
  return compile('unaryTest', text, inner, names)(inner)(value) === true;
}
