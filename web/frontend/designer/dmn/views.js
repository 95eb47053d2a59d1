import { el } from '../workspace/dom.js';
import { colon, t } from '../words/text.js';

const VIEWS = {
  drd: t('决策图'),
  decisionTable: t('决策表'),
  literalExpression: t('表达式'),
  boxedExpression: t('表达式'),
};

/** The views of a DMN file as buttons: its diagram of decisions, and what each of them holds. */
export function viewsBar(manager, shown = () => {}) {
  const root = el('nav', { class: 'dmn-views', 'aria-label': t('视图') });
  manager.on('views.changed', ({ views, activeView }) => {
    root.replaceChildren(
      ...views.map((view) =>
        el(
          'button',
          { type: 'button', 'aria-pressed': String(view === activeView), onclick: () => manager.open(view) },
          view.type === 'drd' ? VIEWS.drd : colon(VIEWS[view.type] ?? '', view.element.name || view.element.id),
        ),
      ),
    );
    shown(activeView);
  });
  return root;
}

/** Reads a DMN file and opens its first table. Returns the warnings. */
export async function openTable(manager, xml) {
  const { warnings } = await manager.importXML(xml);
  const table = manager.getViews().find((view) => view.type === 'decisionTable');
  if (table) await manager.open(table);
  return warnings.map((one) => one.message);
}

/** Opens the view of an element; says whether it has one. */
export function jumpTo(manager, id) {
  const view = manager.getViews().find((one) => one.element.id === id);
  if (view) manager.open(view);
  return Boolean(view);
}

/** Colours of the diagram of decisions: the page's own, so that they follow light and dark. */
export const DRD_COLOURS = {
  defaultFillColor: 'var(--diagram-fill)',
  defaultStrokeColor: 'var(--diagram-stroke)',
  defaultLabelColor: 'var(--diagram-text)',
};
