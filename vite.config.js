import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PurgeCSS } from 'purgecss';
import { defineConfig } from 'vite';
import oneCopyEach from './web/frontend/copies.build.js';
import feelFunctions from './web/frontend/designer/feel/functions.build.js';
import translateLiterals from './web/frontend/designer/words/literals.build.js';
import keepSheetsWithin from './web/frontend/sheets.build.js';

const at = (...parts) => resolve(import.meta.dirname, ...parts);

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What belongs to one of these packages. */
const packages = (...names) => new RegExp(`/node_modules/(?:${names.join('|')})/`);

const words = (text) => text.match(/[\w-/:.%]+(?<!:)/g) || [];

/** The framework's variables that our sheets and scripts read; what its own rules read is kept anyway. */
const variablesRead = () =>
  filesBelow(at('web/frontend'))
    .filter((file) => /\.(?:css|js)$/.test(file))
    .flatMap((file) => readFileSync(file, 'utf8').match(/--tblr-[\w-]+/g) ?? []);

/** Sheets of libraries that are more than we use: the framework's, and the grid of columns that form-js carries along. */
const PURGED = [
  {
    sheet: ({ fileName }) => /vendor-.*\.css$/.test(fileName),
    purge: {
      content: [at('web/templates/**/*.html'), at('web/frontend/**/*.js')],
      variables: true,
      keyframes: true,
      safelist: {
        standard: ['html', 'body', 'show', 'active', 'disabled', 'is-invalid'],
        greedy: [/data-bs-theme/, /aria-current/],
        variables: variablesRead(),
      },
    },
  },
  {
    sheet: ({ source }) => source.includes('.cds--grid'),
    purge: {
      content: [at('node_modules/@bpmn-io/form-js-*/dist/index.es.js')],
      safelist: { standard: [/^(?!cds--)/, /^cds--col-lg-\d+$/] },
    },
  },
];

/** Keeps of those sheets the classes, and where it is asked for the variables, that are in use; our own sheets stay whole. */
function purgeVendor() {
  return {
    name: 'duban-purge-vendor',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_, bundle) {
      const sheets = Object.values(bundle).filter((one) => one.type === 'asset' && one.fileName.endsWith('.css'));
      for (const asset of sheets) {
        const found = PURGED.find(({ sheet }) => sheet(asset));
        if (!found) continue;
        const css = [{ raw: asset.source.toString() }];
        const [purged] = await new PurgeCSS().purge({ ...found.purge, css, defaultExtractor: words });
        asset.source = purged.css;
      }
    },
  };
}

/** Writes the icons that templates name with `icon('…')` or `nothing('…', …)` into one file; Jinja inlines them. */
function collectIcons() {
  return {
    name: 'duban-icons',
    apply: 'build',
    generateBundle() {
      const icons = {};
      const named = new Set();
      for (const file of filesBelow(at('web/templates'))) {
        for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:icon|nothing)\(\s*['"]([a-z0-9-]+)['"]/g))
          named.add(name);
      }
      for (const name of [...named].sort()) {
        const svg = readFileSync(at('node_modules/@tabler/icons/icons/outline', `${name}.svg`), 'utf8');
        icons[name] = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>')).trim();
      }
      this.emitFile({ type: 'asset', fileName: 'icons.json', source: JSON.stringify(icons) });
    },
  };
}

/** Copies the font of printed papers, which only the server reads. */
function copyPaperFont() {
  const font = at('node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf');
  return {
    name: 'duban-paper-font',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'fonts/noto-sans-sc.ttf', source: readFileSync(font) });
    },
  };
}

/** Libraries that several editors and the viewer share, few pieces instead of many: they compress better together. */
const SHARED = [
  { name: 'page', test: /web\/frontend\/lib\/(?:dialogs|islands|keys)|vite\/preload-helper/ },
  { name: 'foundation', test: packages('didi', 'ids', 'min-dash'), minShareCount: 2 },
  { name: 'dom', test: packages('domify', 'min-dom'), minShareCount: 2 },
  {
    name: 'drawing',
    test: packages(
      'diagram-js',
      'inherits-browser',
      'moddle',
      'moddle-xml',
      'object-refs',
      'path-intersection',
      'saxen',
      'tiny-svg',
    ),
    minShareCount: 5,
  },
  { name: 'bpmn', test: /node_modules\/(?:bpmn-js|diagram-js)\/|lib\/fingers/, minShareCount: 4 },
];

export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  // form-js's editor and viewer draw into each other: both must have the same copy of preact.
  resolve: {
    alias: {
      '#icons': at('node_modules/@tabler/icons/icons/outline'),
      '@bpmn-io/semver-compat': at('web/frontend/designer/feel/compatible.js'),
    },
    dedupe: ['preact'],
  },
  plugins: [
    purgeVendor(),
    collectIcons(),
    copyPaperFont(),
    oneCopyEach(),
    feelFunctions(),
    keepSheetsWithin(),
    translateLiterals(),
  ],
  build: {
    outDir: at('web/static/dist'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    rollupOptions: {
      input: {
        vendor: at('web/frontend/css/vendor.css'),
        base: at('web/frontend/islands/base.js'),
        inbox: at('web/frontend/inbox/index.js'),
        designer: at('web/frontend/designer/index.js'),
        charts: at('web/frontend/charts/index.js'),
      },
      output: { codeSplitting: { groups: SHARED } },
    },
  },
});
