import './styles.js';
import DmnViewer from 'dmn-js/lib/NavigatedViewer';
import { followFingers } from '../../lib/fingers.js';
import { el } from '../workspace/dom.js';
import { translateModule } from './translate.js';
import { DRD_COLOURS, jumpTo, openTable, viewsBar } from './views.js';

/** A DMN file to look at: its diagram of decisions, and its tables. */
export function mount(root) {
  const canvas = el('div', { class: 'canvas bio-theme-parent' });
  const modules = { additionalModules: [translateModule] };
  const viewer = new DmnViewer({
    container: canvas,
    drd: { drdRenderer: DRD_COLOURS, ...modules },
    decisionTable: modules,
    literalExpression: modules,
    boxedExpression: modules,
  });
  viewer.on('viewer.created', ({ viewer: one }) => {
    const drawing = one.get('canvas', false);
    if (drawing) followFingers(drawing);
  });
  root.replaceChildren(el('div', { class: 'dmn' }, viewsBar(viewer), el('div', { class: 'dmn-main' }, canvas)));
  let xml = '';

  return {
    open(text) {
      xml = text;
      return openTable(viewer, text);
    },
    text: async () => xml,
    jump: (id) => jumpTo(viewer, id),
    show: () => {},
    leave: () => viewer.destroy(),
  };
}
