import './text.css';
import { el } from '../workspace/dom.js';
import { t } from '../words/text.js';

/** A plain text editor with line numbers, for plans, scenarios, documentation, and files that are not readable. */
export function mount(root, { changed, path, readOnly }) {
  const numbers = el('div', { class: 'numbers', 'aria-hidden': 'true' });
  const area = el('textarea', {
    class: 'lines',
    spellcheck: 'false',
    wrap: 'off',
    readonly: readOnly,
    'aria-label': t('{path} 的内容', { path }),
  });
  root.replaceChildren(el('div', { class: 'plain-text' }, numbers, area));

  const count = () => {
    const lines = area.value.split('\n').length;
    numbers.textContent = Array.from({ length: lines }, (_, index) => index + 1).join('\n');
  };
  const typed = () => {
    count();
    changed();
  };
  area.addEventListener('input', typed);
  area.addEventListener('scroll', () => (numbers.scrollTop = area.scrollTop));
  area.addEventListener('keydown', (event) => {
    if (event.key !== 'Tab' || event.shiftKey || readOnly) return;
    event.preventDefault();
    area.setRangeText('  ', area.selectionStart, area.selectionEnd, 'end');
    typed();
  });

  return {
    async open(text) {
      area.value = text;
      count();
      return [];
    },
    text: async () => area.value,
    /** Puts the cursor at the beginning of a line, from 1. */
    line(number) {
      const at = area.value.split('\n', number - 1).join('\n').length + (number > 1 ? 1 : 0);
      area.focus();
      area.setSelectionRange(at, at);
      area.scrollTop = Math.max(number - 6, 0) * 20;
    },
    jump: () => false,
    show: () => {},
    leave: () => root.replaceChildren(),
  };
}
