// Runs before the first paint: "auto" follows the system, light and dark were chosen by the person.
(function () {
  var root = document.documentElement;
  var system = matchMedia('(prefers-color-scheme: dark)');
  function apply() {
    if (root.dataset.theme === 'auto') root.dataset.bsTheme = system.matches ? 'dark' : 'light';
  }
  apply();
  system.addEventListener('change', apply);
})();

// What asks first, can be taken back or opens a dialog does so by the page's scripts. A click that is faster than they
// are would decide without asking: the latest is kept, and repeated when they are there or have failed.
(function () {
  var kept = null;
  function keep(event) {
    var pressed = event.target.closest('button[data-asks], button[data-undo], [data-opens], a[data-dialog]');
    if (!pressed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    kept = pressed;
  }
  addEventListener('click', keep, true);
  addEventListener('DOMContentLoaded', function () {
    removeEventListener('click', keep, true);
    if (kept) kept.click();
  });
})();
