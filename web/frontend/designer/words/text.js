const root = typeof document === 'undefined' ? null : document.documentElement;

/** Whether the page is in English; Chinese is the language of the sources. */
export const inEnglish = root?.lang.startsWith('en') ?? false;

const ENGLISH = inEnglish ? (await import('./english.json')).default : {};

/** Returns the sentence in the page's language; `{name}` is filled in from `values`. */
export function t(sentence, values = {}) {
  const said = ENGLISH[sentence] ?? sentence;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** Returns a name with its value behind a colon, as the page's language writes it. */
export const colon = (name, value) => (inEnglish ? `${name}: ${value}` : `${name}：${value}`);

/** Returns a text in the brackets of the page's language, to stand behind a word. */
export const bracketed = (text) => (inEnglish ? ` (${text})` : `（${text}）`);

const SERVER_TIME = new Intl.DateTimeFormat('sv', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'short',
});

/** Returns an instant as all pages show it: `2026-09-07 09:00`, in the time of the server's calendars. */
export const moment = (at) => SERVER_TIME.format(new Date(at));

/** Returns the page's side of a sentence that the engine says as "Chinese / English". */
export function side(sentence) {
  const [, chinese, english] = /^(.*?) \/ (.*[A-Za-z]{3}.*)$/s.exec(sentence) ?? [];
  if (english === undefined) return sentence;
  return inEnglish ? english : chinese;
}
