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
