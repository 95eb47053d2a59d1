// QuickJS searches strings natively, quadratically at worst and without looking at the time limit. Loaded before
// anything else in both kinds of context.
(() => {
  const MOST_COMPARISONS = 2e7;
  for (const name of ['indexOf', 'lastIndexOf', 'includes', 'split', 'replace', 'replaceAll']) {
    const native = String.prototype[name];
    const guarded = function (needle, ...rest) {
      if (needle !== null && typeof needle === 'object') {
        if (needle instanceof RegExp) return native.call(this, needle, ...rest);
        needle = String(needle);
      }
      const text = String(this);
      if (text.length * String(needle).length > MOST_COMPARISONS) throw new RangeError('the search is too long');
      return native.call(text, needle, ...rest);
    };
    Object.defineProperty(String.prototype, name, { value: guarded, writable: false, configurable: false });
  }
})();
