import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Vite plugin: gives our Chinese to form-js, token simulation and the frame of the properties panel, which have no hook
 * for translations. Texts of theirs that `literals.json` knows become calls of `literal`; sentences with values have a
 * rule each. The build fails when a rule finds nothing any more, so that an upgrade cannot lose translations silently.
 */

const HERE = import.meta.dirname;
const KNOWN = JSON.parse(readFileSync(join(HERE, 'literals.json'), 'utf8'));
const LIBRARY = new RegExp(
  [
    String.raw`@bpmn-io\/(form-js-viewer|form-js-editor)\/dist\/index\.es\.js$`,
    String.raw`@bpmn-io\/(properties-panel)\/dist\/index\.esm\.js$`,
    String.raw`(dmn-js-properties-panel)\/dist\/index\.esm\.js$`,
    String.raw`(dmn-js-decision-table)\/lib\/features\/(?:drag-and-drop|decision-table-head\/components)\/`,
    String.raw`(bpmn-js-token-simulation)\/lib\/features\/`,
  ].join('|'),
);

const number = (name, chinese, english) => [
  `\`Field must have ${name} of \${validation.${english}}.\``,
  `literal('${chinese}|Field must have ${name} of $0.', validation.${english})`,
];
/** How the frame of a properties panel says a text when it was given no translation. */
const FRAME = [
  'function translateFallback(template, replacements) {',
  'function translateFallback(text, replacements) { const template = literal(text);',
];
const SENTENCES = {
  'form-js-viewer/dist/index.es.js': [
    number('minimum value', '不能小于 $0', 'min'),
    number('maximum value', '不能大于 $0', 'max'),
    number('minimum length', '至少 $0 个字', 'minLength'),
    number('maximum length', '最多 $0 个字', 'maxLength'),
    [
      '`Field must match pattern ${validation.pattern}.`',
      "literal('格式须符合 $0|Field must match pattern $0.', validation.pattern)",
    ],
    ['`Click to sort by ${label} descending`', "literal('按“$0”从大到小排序|Click to sort by $0 descending', label)"],
    ['`Click to sort by ${label} ascending`', "literal('按“$0”从小到大排序|Click to sort by $0 ascending', label)"],
    ['`${files.length} files selected`', "literal('已选 $0 个文件|$0 files selected', files.length)"],
  ],
  'form-js-editor/dist/index.es.js': [
    FRAME,
    ['`Should be at least ${min}.`', "literal('不能小于 $0。|Should be at least $0.', min)"],
    ['`Should be at most ${max}.`', "literal('不能大于 $0。|Should be at most $0.', max)"],
    [
      '`Should be at least ${minimumValue.toString()}.`',
      "literal('不能小于 $0。|Should be at least $0.', minimumValue.toString())",
    ],
  ],
  'dmn-js-properties-panel/dist/index.esm.js': [
    [
      "return concreteType.replace(/(\\B[A-Z])/g, ' $1').replace(/(\\bNon Interrupting)/g, '($1)')",
      "return literal(concreteType.replace(/(\\B[A-Z])/g, ' $1'))",
    ],
  ],
  '@bpmn-io/properties-panel/dist/index.esm.js': [FRAME],
  'drag-and-drop/DragAndDrop.js': [
    ["`Move ${isInput(col) ? 'Input' : 'Output'}`", "literal(`Move ${isInput(col) ? 'Input' : 'Output'}`)"],
  ],
  'decision-table-head/components/DecisionTableHead.js': [
    ['|| inputExpression.typeRef,', '|| literal(inputExpression.typeRef),'],
    ['|| typeRef,', '|| literal(typeRef),'],
  ],
  'features/log/Log.js': [
    ["|| 'SubProcess') : 'Process'", "|| literal('SubProcess')) : literal('Process')"],
    ['} started`', "} ${literal('started')}`"],
    ["completed ? 'finished' : 'canceled'", "completed ? literal('finished') : literal('canceled')"],
  ],
  'handler/PauseHandler.js': [
    [
      "${ wait ? 'Remove' : 'Add' } pause point",
      "${ wait ? literal('Remove pause point') : literal('Add pause point') }",
    ],
  ],
};
const MARKUP = [
  'Token Simulation',
  'Toggle Simulation Log',
  'Reset Simulation',
  'Play/Pause Simulation',
  'Set Sequence Flow',
  'Trigger Event',
  'Simulation Log',
  'No Entries',
];

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const longestFirst = (texts) => [...texts].sort((one, other) => other.length - one.length).map(escaped);

/** Libraries that say most texts through their hook for translations: only the sentences above are not. */
const RULES_ONLY = new Set(['properties-panel', 'dmn-js-decision-table']);

/** Words of a rule above that other code uses as names. */
const IN_SENTENCES = new Set(
  'SubProcess Process started finished canceled boolean date dateTime number string time'.split(' '),
);

/** A whole quoted text; not a key of an object, a case of a switch, a property name or something compared with. */
const QUOTED = new RegExp(
  `(?<!case |literal\\(|[=!]== )(?<!\\w\\[)(?<![\\w$])(['"])(${longestFirst(Object.keys(KNOWN).filter((text) => !IN_SENTENCES.has(text))).join('|')})\\1(?!\\s*(?::|===|==))`,
  'g',
);
/** A text in a template literal of markup: a title, or the content of an element. */
const IN_MARKUP = new RegExp(`(title="|[>}]\\s*|\`\\s*)(${longestFirst(MARKUP).join('|')})(?=["\\s<])`, 'g');

export default function translateLiterals() {
  return {
    name: 'duban-literals',
    enforce: 'pre',
    transform(code, id) {
      const library = LIBRARY.exec(id.split('?')[0])?.slice(1).find(Boolean);
      if (!library) return null;
      let changed = code;
      const file = Object.keys(SENTENCES).find((one) => id.split('?')[0].endsWith(one));
      for (const [sentence, call] of SENTENCES[file] ?? []) {
        if (!changed.includes(sentence)) this.error(`${file} has changed: ${sentence} is gone`);
        changed = changed.replaceAll(sentence, call);
      }
      if (library === 'bpmn-js-token-simulation') {
        changed = changed.replace(IN_MARKUP, (_, before, text) => `${before}\${literal(${JSON.stringify(text)})}`);
      }
      if (!RULES_ONLY.has(library))
        changed = changed.replace(QUOTED, (_, quote, text) => `literal(${JSON.stringify(text)})`);
      if (changed === code) return null;
      return { code: `import { literal } from ${JSON.stringify(join(HERE, 'literal.js'))};\n${changed}`, map: null };
    },
  };
}
