/** Lines at the edge of the page that tell what became of something. */

/** Shows a line made from a template of the page, and returns it. */
export function toast(template, words) {
  const line = document.getElementById(template).content.cloneNode(true).firstElementChild;
  line.querySelector('[data-words]').textContent = words;
  document.getElementById('toasts').append(line);
  return line;
}

/** Says what went wrong until it is dismissed, with a link to where it did. */
export function complain(words, address) {
  const line = toast('failed-toast', words);
  const link = line.querySelector('a');
  if (address) link.href = address;
  else link.remove();
  line.querySelector('[data-dismiss]').onclick = () => line.remove();
}

const words = (name) => document.getElementById('toasts').dataset[name];

/** Says that the network does not answer: what was to be sent is still here. */
export const complainUnsent = (address) => complain(words('unsent'), address);

/** Says that the network does not answer: what was to be opened is not. */
export const complainUnopened = (address) => complain(words('unopened'), address);
