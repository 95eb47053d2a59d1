import { island } from '../lib/islands.js';

const CALL = /(?:^|[^A-Za-z0-9_.])@([^\s@()]{0,20})$/;
const WAIT = 150;
let lists = 0;

/** Offers people while one types `@name`; typing the whole name works without this. */
island('mentions', (box) => {
  const field = box.querySelector('textarea, input');
  const list = document.createElement('ul');
  list.className = 'offered';
  list.id = `offered-${(lists += 1)}`;
  list.role = 'listbox';
  list.hidden = true;
  box.append(list);
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-controls', list.id);
  let timer = 0;
  let asked = 0;

  const typed = () => CALL.exec(field.value.slice(0, field.selectionStart));
  const options = () => [...list.children];
  const current = () => options().findIndex((option) => option.ariaSelected === 'true');

  function close() {
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute('aria-activedescendant');
  }

  function select(index) {
    const all = options();
    if (!all.length) return;
    const chosen = (index + all.length) % all.length;
    all.forEach((option, number) => (option.ariaSelected = String(number === chosen)));
    all[chosen].scrollIntoView({ block: 'nearest' });
    field.setAttribute('aria-activedescendant', all[chosen].id);
  }

  function insert(option) {
    const call = typed();
    if (!call) return close();
    const start = field.selectionStart - call[1].length;
    field.setRangeText(`${option.dataset.text} `, start, field.selectionStart, 'end');
    close();
    field.focus();
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }

  function show(people) {
    list.replaceChildren(
      ...people.map((one, index) => {
        const option = document.createElement('li');
        option.role = 'option';
        option.id = `${list.id}-${index}`;
        option.dataset.text = one.text;
        for (const [name, text] of [
          ['b', one.name],
          ['span', one.about],
          ['em', one.note],
        ]) {
          if (text) option.append(Object.assign(document.createElement(name), { textContent: text }));
        }
        return option;
      }),
    );
    list.hidden = !people.length;
    if (people.length) select(0);
    else close();
  }

  async function ask() {
    const call = typed();
    const mine = (asked += 1);
    if (!call) return close();
    const answer = await fetch(`${box.dataset.people}?q=${encodeURIComponent(call[1])}`);
    if (mine === asked && answer.ok) show(await answer.json());
  }

  const keys = {
    ArrowDown: () => select(current() + 1),
    ArrowUp: () => select(current() - 1),
    Enter: () => insert(options()[current()]),
    Tab: () => insert(options()[current()]),
    Escape: close,
  };
  field.addEventListener('keydown', (event) => {
    if (list.hidden || event.isComposing || !keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  field.addEventListener('blur', close);
  // pointerdown, not click: the field keeps the focus, and a phone its keyboard.
  list.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    const option = event.target.closest('[role=option]');
    if (option) insert(option);
  });
  return () => clearTimeout(timer);
});

/** Says which files were chosen; the input itself is hidden behind its label. */
document.addEventListener('change', (event) => {
  if (!event.target.matches('input[data-names]')) return;
  const names = [...event.target.files].map((file) => file.name).join('、');
  event.target.closest('label').querySelector('.chosen').textContent = names;
});
