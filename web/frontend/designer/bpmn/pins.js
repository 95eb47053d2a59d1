import { t } from '../words/text.js';

const KIND = 'duban-comment';

/** Pins the number of open comments to the elements that they speak of. */
export function showPins(modeler, comments, choose) {
  const overlays = modeler.get('overlays');
  const elements = modeler.get('elementRegistry');
  overlays.remove({ type: KIND });
  for (const [id, own] of Map.groupBy(comments, (one) => one.element)) {
    if (!id || !elements.get(id)) continue;
    const pin = document.createElement('button');
    pin.type = 'button';
    pin.className = 'comment-pin';
    pin.textContent = String(own.length);
    pin.setAttribute('aria-label', t('{n} 条评论', { n: own.length }));
    pin.addEventListener('click', () => choose(id));
    overlays.add(id, KIND, { position: { bottom: 8, left: -8 }, html: pin });
  }
}
