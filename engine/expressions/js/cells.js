// Cells that hold nothing but literals, which most cells do, need no FEEL: they are read here and compared at once,
// with FEEL's answer and many times as fast. Whatever else a cell or a value is, FEEL answers.
const LONGEST = 200;
const NUMBER = '-?\\d+(?:\\.\\d+)?';
const PLAIN_NUMBER = new RegExp(`^${NUMBER}$`);
const COMPARED = new RegExp(`^(<=|>=|<|>|=|)\\s*(${NUMBER})$`);
const INTERVAL = new RegExp(`^([[\\](])\\s*(${NUMBER})\\s*\\.\\.\\s*(${NUMBER})\\s*([\\][)])$`);
const TEXT = /^"([^"\\\p{Cc}]*)"$/u;
const CONSTANTS = { true: true, false: false, null: null };

const COMPARISONS = {
  '': (limit) => (value) => value === limit,
  '=': (limit) => (value) => value === limit,
  '<': (limit) => (value) => value < limit,
  '<=': (limit) => (value) => value <= limit,
  '>': (limit) => (value) => value > limit,
  '>=': (limit) => (value) => value >= limit,
};

function interval([, opening, from, to, closing]) {
  const [low, high] = [Number(from), Number(to)];
  const above = opening === '[' ? (value) => value >= low : (value) => value > low;
  const below = closing === ']' ? (value) => value <= high : (value) => value < high;
  return (value) => above(value) && below(value);
}

const ofKind = (kind, test) => (value) => typeof value === kind && test(value);

function literalTest(text) {
  const compared = COMPARED.exec(text);
  if (compared) return ofKind('number', COMPARISONS[compared[1]](Number(compared[2])));
  const between = INTERVAL.exec(text);
  if (between) return ofKind('number', interval(between));
  const quoted = TEXT.exec(text);
  return quoted && ((value) => value === quoted[1]);
}

// The parts between the commas outside of quotes.
function partsOf(text) {
  const parts = [''];
  let quoted = false;
  for (const letter of text) {
    if (letter === '"') quoted = !quoted;
    if (letter === ',' && !quoted) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim());
}

// Returns whether `value` is one that simple tests and FEEL see alike: neither list, context nor date.
export function isSimple(value) {
  return value === null || typeof value !== 'object';
}

// Returns value => boolean for a unary test of literals, right for simple values; null for all other texts.
export function simpleTest(text) {
  if (text.length > LONGEST) return null;
  const tests = partsOf(text).map(literalTest);
  if (!tests.every(Boolean)) return null;
  return tests.length === 1 ? tests[0] : (value) => tests.some((test) => test(value));
}

// Returns {value} for a text that is one literal; null for all other texts.
export function simpleValue(text) {
  if (text.length > LONGEST) return null;
  if (Object.hasOwn(CONSTANTS, text)) return { value: CONSTANTS[text] };
  if (PLAIN_NUMBER.test(text)) return { value: Number(text) };
  const quoted = TEXT.exec(text);
  return quoted && { value: quoted[1] };
}
