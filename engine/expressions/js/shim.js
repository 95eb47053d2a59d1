// What scripts drawn for other engines find around them: `execution.setVariable`, `print`, `BpmnError`. `$` holds what
// translated scripts need to count and compare as their first language did. Python evaluates this after script.js.
(() => {
  const kept = { set: false };

  const known = (name) => Object.prototype.hasOwnProperty.call(globalThis.variables, name);
  const execution = {
    getVariable: (name) => (known(name) ? globalThis.variables[name] : null),
    getVariables: () => globalThis.variables,
    getVariableNames: () => Object.keys(globalThis.variables),
    hasVariable: (name) => (known(name) && globalThis.variables[name] !== null) || Boolean(globalThis[name]),
    setVariable: (name, value) => {
      kept.set = true;
      globalThis.variables[name] = value === undefined ? null : value;
      if (name in globalThis && globalThis[name] !== globalThis.variables) globalThis[name] = value;
    },
    setVariables: (values) => Object.entries(values).forEach(([name, value]) => execution.setVariable(name, value)),
    removeVariable: (name) => execution.setVariable(name, null),
    getProcessInstance: () => execution,
    getExecution: () => execution,
  };
  for (const verb of ['getVariable', 'getVariables', 'hasVariable', 'setVariable', 'setVariables', 'removeVariable']) {
    execution[verb + 'Local'] = execution[verb];
  }
  execution.setTransientVariable = execution.setVariable;

  class BpmnError extends Error {
    constructor(code, message) {
      super(JSON.stringify([String(code), message === undefined || message === null ? '' : String(message)]));
    }
  }
  Object.defineProperty(BpmnError.prototype, 'name', { value: 'BpmnError' });

  const silent = () => undefined;
  const console = { log: silent, info: silent, warn: silent, error: silent, debug: silent };
  const packages = (path) =>
    new Proxy(BpmnError, {
      get: (target, name) => (name === 'println' || name === 'print' ? silent : packages([...path, name])),
      construct: (target, values) => {
        if (path[path.length - 1] !== 'BpmnError') throw new Error(`${path.join('.')} is not available`);
        return new BpmnError(...values);
      },
    });
  const java = packages(['java']);
  const Java = { type: (name) => packages(String(name).split('.')) };

  const isMap = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  const empty = (value) => value === null || value === undefined || value === '' || size(value) === 0;
  function size(value) {
    if (typeof value === 'string' || Array.isArray(value)) return value.length;
    return isMap(value) ? Object.keys(value).length : undefined;
  }
  const $ = Object.freeze({
    empty,
    size,
    truth: (value) => Boolean(value) && !empty(value),
    has: (holder, key) => isMap(holder) && Object.prototype.hasOwnProperty.call(holder, key),
    contains: (holder, wanted) =>
      isMap(holder) ? Object.prototype.hasOwnProperty.call(holder, wanted) : holder.includes(wanted),
    each: (source) => (isMap(source) ? Object.keys(source) : [...source]),
    sum: (values) => values.reduce((total, value) => total + value, 0),
    sorted: (values) => [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    range: (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index),
  });

  // bpmn-engine's scripts end by calling next(error, result), and look for their variables in an environment.
  const next = (error, result) => {
    if (error) throw error;
    if (isMap(result)) execution.setVariables(result);
  };

  const around = {
    execution,
    task: execution,
    kcontext: execution,
    console,
    print: silent,
    println: silent,
    BpmnError,
    next,
    java,
    Packages: packages([]),
    org: packages(['org']),
    Java,
  };
  globalThis.surround = () => {
    delete globalThis.surround;
    around.environment = { variables: globalThis.variables, output: globalThis.variables, services: {} };
    Object.defineProperty(globalThis, '$', { value: $, writable: false });
    Object.assign(globalThis, around);
    return { around, kept };
  };
})();
