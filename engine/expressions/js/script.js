// The world of one JavaScript script task: a context of its own, with nothing in it but the language, the variables
// and a clock that stands still. Python takes `load` and `perform` out before the script's text runs.
//
// Nothing that a script throws crosses to Python: the binding turns it into text without a time limit, and would run
// the script's own toString or getters for that. Only the engine's interruption does, whose text nobody can change.
(() => {
  const SHIFT = 8 * 3600 * 1000;
  const NativeDate = Date;
  const { parse, stringify } = JSON;
  const { keys, entries, assign, fromEntries, freeze, defineProperty } = Object;
  const evaluate = globalThis.eval;
  const [NativeError, NativeSyntaxError, NativePromise, asText] = [Error, SyntaxError, Promise, String];
  const hasOwn = (holder, key) => Object.prototype.hasOwnProperty.call(holder, key);
  let before = {};
  let baseline = new Set();
  let shim = { around: {}, kept: { set: false } };

  function installClock(millis) {
    const local = (text) => (/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? text + '+08:00' : text);
    function FrozenDate(...args) {
      if (!new.target) return new NativeDate(millis).toISOString();
      if (args.length === 0) return new NativeDate(millis);
      if (args.length === 1) return new NativeDate(typeof args[0] === 'string' ? local(args[0]) : args[0]);
      return new NativeDate(NativeDate.UTC(...args) - SHIFT);
    }
    FrozenDate.prototype = NativeDate.prototype;
    FrozenDate.now = () => millis;
    FrozenDate.UTC = NativeDate.UTC;
    FrozenDate.parse = (text) => NativeDate.parse(local(String(text)));
    NativeDate.prototype.constructor = FrozenDate;
    NativeDate.prototype.getTimezoneOffset = () => -480;
    for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
      const utc = NativeDate.prototype['getUTC' + part];
      NativeDate.prototype['get' + part] = function () {
        return utc.call(new NativeDate(this.getTime() + SHIFT));
      };
    }
    globalThis.Date = FrozenDate;
    Math.random = () => {
      throw new Error('Math.random is not available: a replay must give the same');
    };
  }

  globalThis.load = (variables, millis) => {
    installClock(millis);
    const own = parse(variables);
    before = fromEntries(entries(own).map(([key, value]) => [key, stringify(value)]));
    delete globalThis.load;
    delete globalThis.perform;
    closeInterruption();
    globalThis.variables = parse(variables);
    shim = globalThis.surround();
    baseline = new Set(Object.getOwnPropertyNames(globalThis));
    for (const name of keys(shim.around)) baseline.delete(name);
    for (const key of keys(own)) if (!baseline.has(key)) globalThis[key] = own[key];
  };

  const changed = (source, skip) =>
    fromEntries(
      entries(source).filter(
        ([key, value]) =>
          !skip(key) && typeof value !== 'function' && value !== undefined && stringify(value) !== before[key],
      ),
    );

  // A script that says what it sets (execution.setVariable) keeps its own names to itself.
  const isOwn = (key) =>
    baseline.has(key) ||
    (hasOwn(shim.around, key) && globalThis[key] === shim.around[key]) ||
    (shim.kept.set && !hasOwn(before, key));

  function collect(returned) {
    if (returned instanceof NativePromise) throw new TypeError('a script cannot wait: promises are not executed');
    const none = () => false;
    const found = {};
    if (globalThis.variables && typeof globalThis.variables === 'object')
      assign(found, changed(globalThis.variables, none));
    assign(found, changed(globalThis, isOwn));
    if (returned !== null && typeof returned === 'object' && !Array.isArray(returned)) assign(found, returned);
    return found;
  }

  // What Python reads of an interruption is the engine's own, whatever the script does to the other errors.
  function closeInterruption() {
    const { prototype } = globalThis.InternalError;
    defineProperty(prototype, 'toString', { value: NativeError.prototype.toString });
    defineProperty(prototype, Symbol.toPrimitive, { value: undefined });
    freeze(prototype);
    defineProperty(NativeError, 'prepareStackTrace', { value: undefined, writable: false, configurable: false });
  }

  // A text with a `return` of its own is a function's body: the parser says so before anything has run. Variables
  // declared in strict mode would stay inside the evaluation, so its directive is left out.
  function run(source) {
    const body = source.replace(/^(\s|\/\/.*\n|\/\*[^]*?\*\/)*(['"])use strict\2;?/, '');
    try {
      evaluate(body);
      return undefined;
    } catch (error) {
      if (!(error instanceof NativeSyntaxError) || !asText(error.message).includes('return not in a function'))
        throw error;
    }
    return evaluate('(function () {\n' + body + '\n})()');
  }

  function describe(error) {
    // QuickJS throws null when there is no memory left even for an error.
    if (error === null) return 'out of memory';
    try {
      return error instanceof NativeError ? `${error.name}: ${error.message}` : asText(error);
    } catch {
      return 'the script threw something that has no text';
    }
  }

  globalThis.perform = (source) => {
    try {
      return stringify({ set: collect(run(source)) });
    } catch (error) {
      return stringify({ error: describe(error).slice(0, 2000) });
    }
  };
})();
