import './styles.js';
import DmnModeler from 'dmn-js/lib/Modeler';
import { DmnPropertiesPanelModule, DmnPropertiesProviderModule } from 'dmn-js-properties-panel';
import { el } from '../workspace/dom.js';
import { colon, t } from '../words/text.js';
import { translateModule } from '../words/translate.js';
import { testRow } from './test.js';

const VIEWS = {
  drd: t('决策图'),
  decisionTable: t('决策表'),
  literalExpression: t('表达式'),
  boxedExpression: t('表达式'),
};

/** The editor of one DMN file: its diagram of decisions, its tables, and a row to try them with on the server. */
export function mount(root, { changed, ask, path }) {
  const canvas = el('div', { class: 'canvas bio-theme-parent' });
  const panel = el('aside', { class: 'properties bio-theme-parent', 'aria-label': t('属性') });
  const views = el('nav', { class: 'dmn-views', 'aria-label': t('视图') });
  const trial = el('section', { class: 'dmn-trial', 'aria-label': t('试一行') });
  root.replaceChildren(el('div', { class: 'dmn' }, views, el('div', { class: 'dmn-main' }, canvas, panel), trial));

  const modules = [translateModule];
  const modeler = new DmnModeler({
    container: canvas,
    drd: {
      drdRenderer: {
        defaultFillColor: 'var(--diagram-fill)',
        defaultStrokeColor: 'var(--diagram-stroke)',
        defaultLabelColor: 'var(--diagram-text)',
      },
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

  const open = (view) => modeler.open(view);
  modeler.on('views.changed', ({ views: all, activeView }) => {
    listen();
    panel.hidden = activeView?.type !== 'drd';
    views.replaceChildren(
      ...all.map((view) =>
        el(
          'button',
          { type: 'button', 'aria-pressed': String(view === activeView), onclick: () => open(view) },
          view.type === 'drd' ? VIEWS.drd : colon(VIEWS[view.type] ?? '', view.element.name || view.element.id),
        ),
      ),
    );
    if (activeView?.type !== 'drd') row.choose(activeView?.element.id);
  });

  return {
    modeler,
    async open(xml) {
      opening = true;
      try {
        const { warnings } = await modeler.importXML(xml);
        const table = modeler.getViews().find((view) => view.type === 'decisionTable');
        if (table) await modeler.open(table);
        row.refresh();
        return warnings.map((one) => one.message);
      } finally {
        opening = false;
      }
    },
    text,
    jump(id) {
      const view = modeler.getViews().find((one) => one.element.id === id);
      if (view) modeler.open(view);
      return Boolean(view);
    },
    show: () => {},
    undo: () => modeler.getActiveViewer()?.get('commandStack').undo(),
    redo: () => modeler.getActiveViewer()?.get('commandStack').redo(),
    leave: () => modeler.destroy(),
  };
}
