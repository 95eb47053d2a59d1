/** Files go up as soon as they are chosen, with their progress; without JavaScript they come with the form. */
import { csrf } from '../lib/islands.js';

function send(input, file) {
  const list = input.parentElement.querySelector('[data-files]');
  const { required } = input;
  input.required = false; // what is on its way is there: the browser must not ask for it when the form is handed in
  const line = document.getElementById('uploading').content.cloneNode(true).firstElementChild;
  line.querySelector('[data-name]').textContent = file.name;
  list.append(line);
  const body = new FormData();
  body.append('field', input.dataset.fieldKey);
  body.append('file', file);
  const request = new XMLHttpRequest(); // fetch tells nothing of what has gone up
  request.open('POST', input.dataset.upload);
  request.setRequestHeader('X-CSRFToken', csrf());
  request.setRequestHeader('Accept', 'text/html, application/json;q=0.9');
  request.setRequestHeader('HX-Request-Type', 'partial');
  request.upload.onprogress = (event) => (line.querySelector('progress').value = (100 * event.loaded) / event.total);
  return new Promise((resolve) => {
    request.onload = () => {
      if (request.status < 300) {
        line.insertAdjacentHTML('afterend', request.responseText);
        line.remove();
      } else {
        input.required = required;
        fail(line, new DOMParser().parseFromString(request.responseText, 'text/html').body.innerText);
      }
      resolve();
    };
    request.onerror = () => {
      input.required = required;
      fail(line, document.getElementById('toasts').dataset.unsent);
      resolve();
    };
    request.send(body);
  });
}

/** What is still on its way, by form; a file that was chosen before the click belongs to what the click hands in. */
const underway = new WeakMap();

window.addEventListener(
  'submit',
  (event) => {
    const { target: form, submitter } = event;
    const waiting = underway.get(form);
    if (!waiting) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting.then(() => {
      if (!form.querySelector('.uploading')) form.requestSubmit(submitter);
    });
  },
  true,
);

function fail(line, words) {
  line.querySelector('progress').remove();
  line.querySelector('[data-problem]').textContent = words.trim();
  const button = line.querySelector('[data-give-up]');
  button.hidden = false;
  button.onclick = () => line.remove();
}

document.addEventListener('change', (event) => {
  const camera = event.target.closest('[data-camera-for]');
  const input = camera ? document.getElementById(camera.dataset.cameraFor) : event.target.closest('[data-upload]');
  if (!input?.dataset.upload) return;
  const { form } = input;
  const files = [...event.target.files];
  event.target.value = '';
  const mine = files.reduce(
    (before, file) => before.then(() => send(input, file)),
    underway.get(form) ?? Promise.resolve(),
  );
  const done = mine.then(() => {
    if (underway.get(form) === done) underway.delete(form);
    input.dispatchEvent(new Event('input', { bubbles: true }));
    form.dispatchEvent(new Event('input', { bubbles: true }));
  });
  underway.set(form, done);
});
