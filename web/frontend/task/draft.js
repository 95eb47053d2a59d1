import { csrf, island } from '../lib/islands.js';

const QUIET = 1500;

/** Saves what is typed a moment after the last key, and shows or hides the fields that depend on it. */
island('draft', (form, signal) => {
  const note = document.querySelector('[data-draft-note]');
  let timer = 0;
  let saving = false;
  let again = false;

  async function save() {
    if (saving) {
      again = true;
      return;
    }
    saving = true;
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    try {
      const answer = await fetch(form.dataset.draft, {
        method: 'POST',
        headers: { 'X-CSRFToken': csrf(), Accept: 'application/json' },
        body,
      });
      const state = await answer.json();
      if (answer.ok) {
        form.elements.draft_version.value = state.version;
        for (const [key, hidden] of Object.entries(state.hidden)) {
          form.querySelectorAll(`[data-field="${key}"]`).forEach((field) => (field.hidden = hidden));
        }
        for (const [key, text] of Object.entries(state.computed)) {
          form.querySelectorAll(`[data-computed="${key}"]`).forEach((place) => (place.textContent = text));
        }
      }
      if (note) note.textContent = answer.ok ? state.saved : state.detail;
    } catch {
      if (note) note.textContent = note.dataset.offline;
    }
    saving = false;
    if (again) {
      again = false;
      save();
    }
  }

  const typed = (event) => {
    if (event.target.type === 'file') return;
    clearTimeout(timer);
    timer = setTimeout(save, QUIET);
  };
  form.addEventListener('input', typed, { signal });
  form.addEventListener('submit', () => clearTimeout(timer), { signal });
  return () => clearTimeout(timer);
});
