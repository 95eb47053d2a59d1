/** Reads what was typed as JSON where it is JSON (`3`, `true`, `["a"]`), else as text; nothing is null. */
export function readValue(typed) {
  const text = typed.trim();
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const WORDS = new Set(
  'and or not if then else true false null in between some every satisfies for return instance of function'.split(' '),
);

/** Returns the variables that FEEL expressions speak of, each once: no texts, words of FEEL, functions or inner names. */
export function variablesIn(expressions) {
  const names = expressions.flatMap((expression) =>
    [
      ...expression
        .replace(/"[^"]*"/g, '""')
        .matchAll(/(?<![\p{L}\p{N}_.])[\p{L}_][\p{L}\p{N}_]*(?!\s*\(|[\p{L}\p{N}_])/gu),
    ].map(String),
  );
  return [...new Set(names)].filter((name) => !WORDS.has(name));
}
