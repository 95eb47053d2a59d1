/** One tap puts a phrase into the field that it stands beside, where the caret is. */
document.addEventListener('click', (event) => {
  const phrase = event.target.closest('[data-phrase]');
  if (!phrase) return;
  const field = document.getElementById(phrase.closest('[data-phrases-into]').dataset.phrasesInto);
  field.setRangeText(phrase.dataset.phrase, field.selectionStart, field.selectionEnd, 'end');
  field.focus();
  field.dispatchEvent(new Event('input', { bubbles: true }));
});
