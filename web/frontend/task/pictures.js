import { island } from '../lib/islands.js';

/** A picture opens in a dialog, where a click shows its real size; without JavaScript the link opens it. */
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-look]');
  if (!link) return;
  event.preventDefault();
  const dialog = document.getElementById('look');
  const picture = dialog.querySelector('.stage img');
  picture.src = link.href;
  picture.alt = dialog.querySelector('h2').textContent = link.querySelector('img').alt;
  dialog.querySelector('a[download]').href = link.dataset.download;
  dialog.classList.remove('zoomed');
  dialog.showModal();
});

document
  .getElementById('look')
  ?.querySelector('.stage')
  .addEventListener('click', () => {
    document.getElementById('look').classList.toggle('zoomed');
  });

const compare = document.getElementById('compare');
let zoom = 1;

function show(at) {
  const overlay = compare.querySelector('.overlay');
  overlay.style.setProperty('--at', `${at}%`);
  overlay.style.setProperty('--zoom', zoom);
}

compare?.querySelector('input').addEventListener('input', (event) => show(event.target.value));
compare?.addEventListener('click', (event) => {
  const button = event.target.closest('[data-zoom]');
  if (!button) return;
  zoom = Math.min(5, Math.max(0.5, zoom * button.dataset.zoom));
  show(compare.querySelector('input').value);
});

/** Two pictures of one place are laid over each other, with a border that can be moved. */
island('compare', (couple, signal) => {
  const button = couple.querySelector('[data-compare]');
  button.hidden = false;
  button.addEventListener(
    'click',
    () => {
      for (const [side, layer] of [
        ['before', '.under'],
        ['after', '.over'],
      ]) {
        const figure = couple.querySelector(`.${side}`);
        const source = figure.querySelector('img');
        Object.assign(compare.querySelector(layer), { src: source.src, alt: source.alt });
        compare.querySelector(`[data-${side}]`).textContent = figure.querySelector('figcaption').textContent;
      }
      zoom = 1;
      compare.querySelector('input').value = 50;
      show(50);
      compare.showModal();
    },
    { signal },
  );
});
