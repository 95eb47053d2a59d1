import { island } from '../lib/islands.js';

/** Adds and removes the rows of a dynamic list without a round trip; the submit buttons do the same without this. */
island('rows', (list, signal) => {
  const renumber = () => {
    const sets = [...list.querySelectorAll(':scope > .rowset')];
    sets.forEach((set, index) => {
      set.querySelectorAll('[data-number]').forEach((place) => (place.textContent = index + 1));
      set.querySelectorAll('[name]').forEach((input) => {
        input.name = input.name.replace(/\[(\d+|__n__)\]/, `[${index}]`);
      });
      set.querySelectorAll('[data-remove]').forEach((button) => {
        button.value = `remove-row:${list.dataset.list}:${index}`;
      });
    });
    list.querySelector('[name$="__count"]').value = sets.length;
  };
  list.addEventListener(
    'click',
    (event) => {
      const add = event.target.closest('[data-add]');
      const remove = event.target.closest('[data-remove]');
      if (!add && !remove) return;
      event.preventDefault();
      if (remove) {
        remove.closest('.rowset').remove();
      } else {
        const sets = list.querySelectorAll(':scope > .rowset');
        const fresh = list.querySelector('template').content.cloneNode(true);
        const mark = crypto.randomUUID().slice(0, 8);
        fresh.querySelectorAll('[id]').forEach((node) => (node.id += mark));
        fresh.querySelectorAll('[for]').forEach((node) => (node.htmlFor += mark));
        if (sets.length) sets[sets.length - 1].after(fresh);
        else list.querySelector('template').after(fresh);
      }
      renumber();
      list.querySelector('.rowset:last-of-type input, .rowset:last-of-type textarea')?.focus();
      list.dispatchEvent(new Event('input', { bubbles: true }));
    },
    { signal },
  );
});
