const root = typeof document === 'undefined' ? null : document.documentElement;

/** Whether the page is in English; Chinese is the language of the sources. */
export const inEnglish = root?.lang.startsWith('en') ?? false;

const ENGLISH = inEnglish ? (await import('./english.json')).default : {};

/** Returns the sentence in the page's language; `{name}` is filled in from `values`. */
export function t(sentence, values = {}) {
  const said = ENGLISH[sentence] ?? sentence;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Returns the page's side of a sentence that the engine says as "Chinese / English". */
export function side(sentence) {
  const [, chinese, english] = /^(.*?) \/ (.*[A-Za-z]{3}.*)$/s.exec(sentence) ?? [];
  if (english === undefined) return sentence;
  return inEnglish ? english : chinese;
}
