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
