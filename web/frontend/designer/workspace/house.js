import { t } from '../words/text.js';

/** Names of variables that the engine itself gives. */
const OWN_VARIABLES = [
  { name: 'outcome', info: t('上一个审批的结果：agreed 或 rejected') },
  { name: 'loopCounter', info: t('多实例里的第几项') },
];

const SMALL = new Set(['textfield', 'textarea', 'number', 'datetime', 'checkbox', 'radio', 'select', 'expression']);

const json = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

function fieldsIn(components = []) {
  return components.flatMap((one) => [
    ...(one.key ? [{ key: one.key, label: one.label || one.key, type: one.type }] : []),
    ...fieldsIn(one.components),
  ]);
}

const matches = (text, pattern) => [...(text ?? '').matchAll(pattern)].map((found) => found[1]);

/**
 * What editors offer to choose from: the server's lists (`GET pickers`), and what the draft of this tab holds already,
 * saved or not.
 */
export class House {
  constructor(draft) {
    this.draft = draft;
    this.lists = {};
  }

  async refresh(ask) {
    this.lists = await ask('GET', 'pickers');
  }

  /** Returns `{value, label}` of everything of a kind: roles, forms, decisions, processes, services, phases. */
  choices(kind) {
    if (kind === 'roles') return this.lists.rules ?? [];
    const own = this[`own_${kind}`]?.() ?? [];
    const known = new Set(own.map((one) => one.value));
    return [...own, ...(this.lists[kind] ?? []).filter((one) => !known.has(one.value))];
  }

  /** Returns `{key, label, type}` of the fields of a form. */
  fieldsOf(form) {
    if (!form) return [];
    const name = form.replace(/\.form$/, '');
    const path = this.draft.paths().find((one) => one.endsWith('.form') && stem(one) === name);
    if (path) return fieldsIn(json(this.draft.text(path)).components);
    return (this.lists.forms ?? []).find((one) => one.value === name)?.fields ?? [];
  }

  /** Returns the fields of a form that hold one value each, as process variables do. */
  smallFieldsOf(form) {
    return this.fieldsOf(form).filter((one) => SMALL.has(one.type));
  }

  /** Returns what a service says of itself: `{value, label, help, inputs, outputs}`. */
  service(name) {
    return (this.lists.services ?? []).find((one) => one.value === name);
  }

  /** Returns what the services that the draft's diagrams name say of themselves, as `service` does. */
  servicesNamed() {
    const named = this.#ending('.bpmn').flatMap((path) => matches(this.draft.text(path), /\sduban:service="([^"]+)"/g));
    return [...new Set(named)].sort().flatMap((name) => this.service(name) ?? []);
  }

  /** Returns the user tasks that show a form: `{name, rights}`. */
  nodesUsing(path) {
    const own = new RegExp(`\\sduban:form="${stem(path)}(?:\\.form)?"`);
    return this.#ending('.bpmn').flatMap((diagram) =>
      [...(this.draft.text(diagram) ?? '').matchAll(/<(?:\w+:)?userTask\b[^>]*>/g)]
        .filter(([tag]) => own.test(tag))
        .map(([tag]) => ({
          name: matches(tag, /\sname="([^"]*)"/g)[0] ?? matches(tag, /\sid="([^"]*)"/g)[0],
          rights: matches(tag, /\sduban:fieldPermissions="([^"]*)"/g)[0] ?? '*:edit',
        })),
    );
  }

  /** Returns the variables that expressions may speak of, as the FEEL editor wants them. */
  variables() {
    const found = new Map(OWN_VARIABLES.map((one) => [one.name, one]));
    for (const one of this.lists.variables ?? []) found.set(one.name, { name: one.name, info: one.label });
    for (const path of this.#ending('.form')) {
      for (const field of this.fieldsOf(stem(path))) found.set(field.key, { name: field.key, info: field.label });
    }
    for (const path of this.#ending('.bpmn')) {
      const names = matches(this.draft.text(path), /(?:resultVariable|elementVariable|outputCollection)="([^"]+)"/g);
      for (const name of names) if (!found.has(name)) found.set(name, { name });
    }
    return [...found.values()];
  }

  own_forms() {
    return this.#ending('.form').map((path) => ({ value: stem(path), label: stem(path) }));
  }

  own_decisions() {
    return this.#named('.dmn', /<(?:\w+:)?decision\b[^>]*>/g);
  }

  own_processes() {
    return this.#named('.bpmn', /<(?:\w+:)?process\b[^>]*>/g);
  }

  own_phases() {
    const plan = this.draft.text('plan.yaml') ?? '';
    const phases = plan.slice(Math.max(plan.search(/^phases:/m), 0));
    return [...phases.matchAll(/\{code:\s*([\w-]+),\s*name:\s*([^,}]+)/g)].map(([, value, label]) => ({
      value,
      label,
    }));
  }

  #named(suffix, tag) {
    return this.#ending(suffix).flatMap((path) =>
      [...(this.draft.text(path) ?? '').matchAll(tag)].flatMap(([text]) => {
        const [value] = matches(text, /\sid="([^"]+)"/g);
        const [label] = matches(text, /\sname="([^"]+)"/g);
        return value ? [{ value, label: label ? `${label}（${value}）` : value }] : [];
      }),
    );
  }

  #ending(suffix) {
    return this.draft.paths().filter((path) => path.endsWith(suffix));
  }
}

const stem = (path) =>
  path
    .split('/')
    .at(-1)
    .replace(/\.\w+$/, '');
