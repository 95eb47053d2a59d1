import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LIBRARIES } from '../../web/frontend/designer/words/libraries.js';
import { TABLES } from '../../web/frontend/designer/words/tables.js';
import translateLiterals from '../../web/frontend/designer/words/literals.build.js';

const DESIGNER = join(import.meta.dirname, '../../web/frontend/designer');
const read = (path) => readFileSync(join(DESIGNER, path), 'utf8');
const LIBRARY_CODE = join(import.meta.dirname, '../../node_modules');
const english = JSON.parse(read('words/english.json'));

function sentences() {
  const found = new Set();
  for (const file of readdirSync(DESIGNER, { recursive: true })) {
    if (!file.endsWith('.js')) continue;
    for (const [, text] of read(file).matchAll(/(?<![\w.])t\(\s*'((?:[^'\\]|\\.)*)'/g)) found.add(text);
  }
  for (const { name, about } of JSON.parse(read('bpmn/templates.json'))) found.add(name).add(about);
  return found;
}

test('every sentence of the designer has its English, with the same places to fill in', () => {
  const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const sentence of sentences()) {
    assert.ok(english[sentence], `no English: ${sentence}`);
    assert.deepEqual(places(english[sentence]), places(sentence), sentence);
  }
});

test('there is no English of sentences that nobody says', () => {
  const said = sentences();
  assert.deepEqual(
    Object.keys(english).filter((sentence) => !said.has(sentence)),
    [],
  );
});

/** What a folder of a library says through its hook for translations. */
function textsOf(folder) {
  const files = readdirSync(join(LIBRARY_CODE, folder), { recursive: true }).filter((file) => file.endsWith('.js'));
  return files.flatMap((file) =>
    [
      ...readFileSync(join(LIBRARY_CODE, folder, file), 'utf8').matchAll(
        /(?<![\w.])(?:this\._)?translate\(\s*(['"])((?:(?!\1)[^\\]|\\.)+)\1\s*[,)]/g,
      ),
    ].map((call) => call[2]),
  );
}

test('every menu and field of the tables, and every tool of the canvas, has its Chinese', () => {
  const folders = [
    'dmn-js-boxed-expression/lib',
    'dmn-js-decision-table/lib',
    'dmn-js-drd/lib',
    'dmn-js-literal-expression/lib',
    'bpmn-js/lib/features/align-elements',
    'bpmn-js/lib/features/context-pad',
    'bpmn-js/lib/features/distribute-elements',
    'bpmn-js/lib/features/palette',
    'bpmn-js/lib/features/popup-menu',
  ];
  const texts = folders.flatMap(textsOf);
  assert.ok(texts.length > 100, `only ${texts.length} texts were found`);
  const known = { ...LIBRARIES, ...TABLES };
  const missing = texts.filter((text) => /[A-Za-z]{2}/.test(text) && !(text in known));
  assert.deepEqual([...new Set(missing)], []);
});

test('texts in quotes and markup become calls, and what only looks like one stays', () => {
  const { transform } = translateLiterals();
  const { code } = transform(
    `const a = 'Reset Simulation', b = { 'Name': 1 }, c = x === 'Group'; const d = \`<i title="Trigger Event">\`;`,
    '/x/bpmn-js-token-simulation/lib/features/palette/Palette.js',
  );
  assert.match(code, /a = literal\("Reset Simulation"\)/);
  assert.match(code, /\{ 'Name': 1 \}/);
  assert.match(code, /title="\$\{literal\("Trigger Event"\)\}"/);
});

test('the build stops when a library no longer says what a rule translates', () => {
  const plugin = translateLiterals();
  const refused = {
    error: (why) => {
      throw new Error(why);
    },
  };
  assert.throws(
    () => plugin.transform.call(refused, 'const x = 1;', '/x/@bpmn-io/form-js-viewer/dist/index.es.js'),
    /has changed/,
  );
});
