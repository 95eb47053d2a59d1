import { island } from '../lib/islands.js';

/** A pad to sign on with finger, pen or mouse; what is drawn becomes the file of the field beside it. */
island('signature', (root, signal) => {
  const pad = root.querySelector('canvas');
  const field = root.querySelector('input[type=file]');
  const clear = root.querySelector('[data-clear]');
  const paper = pad.getContext('2d');
  pad.hidden = false;
  clear.hidden = false;
  field.classList.add('visually-hidden');
  let drawing = false;

  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return [
      ((event.clientX - box.left) * pad.width) / box.width,
      ((event.clientY - box.top) * pad.height) / box.height,
    ];
  };
  const keep = () =>
    pad.toBlob((picture) => {
      const files = new DataTransfer();
      files.items.add(new File([picture], 'signature.png', { type: 'image/png' }));
      field.files = files.files;
    });

  const begin = (event) => {
    drawing = true;
    pad.setPointerCapture(event.pointerId);
    paper.beginPath();
    paper.moveTo(...place(event));
  };
  const go = (event) => {
    if (!drawing) return;
    paper.lineWidth = 4;
    paper.lineCap = 'round';
    paper.strokeStyle = '#1a1a1a';
    paper.lineTo(...place(event));
    paper.stroke();
  };
  const end = () => {
    if (drawing) keep();
    drawing = false;
  };
  const wipe = () => {
    paper.clearRect(0, 0, pad.width, pad.height);
    field.value = '';
  };

  pad.addEventListener('pointerdown', begin, { signal });
  pad.addEventListener('pointermove', go, { signal });
  pad.addEventListener('pointerup', end, { signal });
  pad.addEventListener('pointercancel', end, { signal });
  clear.addEventListener('click', wipe, { signal });
});
