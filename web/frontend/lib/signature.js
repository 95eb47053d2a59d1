import { island } from './islands.js';

/** A pad to sign on with finger, pen or mouse; what is drawn becomes the file of the field beside it. */
island('signature', (root) => {
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

  pad.addEventListener('pointerdown', (event) => {
    drawing = true;
    pad.setPointerCapture(event.pointerId);
    paper.beginPath();
    paper.moveTo(...place(event));
  });
  pad.addEventListener('pointermove', (event) => {
    if (!drawing) return;
    paper.lineWidth = 4;
    paper.lineCap = 'round';
    paper.strokeStyle = '#1a1a1a';
    paper.lineTo(...place(event));
    paper.stroke();
  });
  for (const end of ['pointerup', 'pointercancel']) {
    pad.addEventListener(end, () => {
      if (drawing) keep();
      drawing = false;
    });
  }
  clear.addEventListener('click', () => {
    paper.clearRect(0, 0, pad.width, pad.height);
    field.value = '';
  });
});
