import './styles.js';
import DmnModeler from 'dmn-js/lib/Modeler';
import { DmnPropertiesPanelModule, DmnPropertiesProviderModule } from 'dmn-js-properties-panel';
import { el } from '../workspace/dom.js';
import { t } from '../words/text.js';
import { testRow } from './test.js';
import { translateModule } from './translate.js';
import { DRD_COLOURS, jumpTo, openTable, viewsBar } from './views.js';

/** The editor of one DMN file: its diagram of decisions, its tables, and a row to try them with on the server. */
export function mount(root, { changed, ask, path }) {
  const canvas = el('div', { class: 'canvas bio-theme-parent' });
  const panel = el('aside', { class: 'properties bio-theme-parent', 'aria-label': t('属性') });
  const trial = el('section', { class: 'dmn-trial', 'aria-label': t('试一行') });

  const modules = [translateModule];
  const modeler = new DmnModeler({
    container: canvas,
    drd: {
      drdRenderer: DRD_COLOURS,
      propertiesPanel: { parent: panel },
      additionalModules: [DmnPropertiesPanelModule, DmnPropertiesProviderModule, ...modules],
    },
    decisionTable: { additionalModules: modules },
    literalExpression: { additionalModules: modules },
    boxedExpression: { additionalModules: modules },
  });
  let opening = false;
  const listened = new WeakSet();
  const listen = () => {
    const viewer = modeler.getActiveViewer();
    if (!viewer || listened.has(viewer)) return;
    listened.add(viewer);
    viewer.on('commandStack.changed', () => {
      if (opening) return;
      changed();
      row.refresh();
    });
  };
  const text = async () => (await modeler.saveXML({ format: true })).xml;
  const row = testRow(trial, { ask, path, text });

  const views = viewsBar(modeler, (view) => {
    listen();
    panel.hidden = view?.type !== 'drd';
    if (view?.type !== 'drd') row.choose(view?.element.id);
  });
  root.replaceChildren(el('div', { class: 'dmn' }, views, el('div', { class: 'dmn-main' }, canvas, panel), trial));

  return {
    modeler,
    async open(xml) {
      opening = true;
      try {
        const warnings = await openTable(modeler, xml);
        row.refresh();
        return warnings;
      } finally {
        opening = false;
      }
    },
    text,
    jump: (id) => jumpTo(modeler, id),
    show: () => {},
    undo: () => modeler.getActiveViewer()?.get('commandStack').undo(),
    redo: () => modeler.getActiveViewer()?.get('commandStack').redo(),
    leave: () => modeler.destroy(),
  };
}
