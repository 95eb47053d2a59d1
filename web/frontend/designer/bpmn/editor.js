import './styles.js';
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from 'bpmn-js-properties-panel';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import Minimap from 'diagram-js-minimap';
import { t } from '../words/text.js';
import { translateModule } from '../words/translate.js';
import { settleDialect } from './dialect.js';
import { EXTENSIONS, withDrawing } from './drawn.js';
import { canLayOut, layOut } from './layout.js';
import { FindingMarks } from './markers.js';
import { houseModule } from './palette.js';
import { panelModule } from './panel/provider.js';
import { showPins } from './pins.js';
import { simulationModule } from './simulation.js';
import { diagramTheme, fit } from './theme.js';

const PALETTE = 180;

function build(root, house) {
  root.innerHTML = '<div class="canvas bio-theme-parent"></div><aside class="properties bio-theme-parent"></aside>';
  root.querySelector('.properties').setAttribute('aria-label', t('属性'));
  return new Modeler({
    container: root.querySelector('.canvas'),
    propertiesPanel: { parent: root.querySelector('.properties') },
    moddleExtensions: EXTENSIONS,
    ...diagramTheme(),
    additionalModules: [
      BpmnPropertiesPanelModule,
      BpmnPropertiesProviderModule,
      CreateAppendAnythingModule,
      simulationModule,
      Minimap,
      houseModule,
      panelModule,
      translateModule,
      { dubanHouse: ['value', house] },
    ],
  });
}

/**
 * The BPMN editor of one diagram in `root`. `changed` is called after every change, `choose` with a finding or an
 * element's id that was clicked. What it returns is the contract of every editor of a package (see `workspace/tabs.js`).
 */
export function mount(root, { house, changed, chooseFinding, chooseComment, chosen }) {
  const modeler = build(root, house);
  const canvas = modeler.get('canvas');
  const marks = new FindingMarks(modeler, chooseFinding);
  let opening = false;
  modeler.on('import.parse.complete', ({ definitions }) => definitions && settleDialect(definitions));
  modeler.on('commandStack.changed', () => !opening && changed());
  modeler.on('selection.changed', chosen);

  async function open(text) {
    opening = true;
    try {
      const { warnings } = await modeler.importXML(await withDrawing(text));
      fit(canvas, PALETTE);
      return warnings.map((one) => one.message);
    } finally {
      opening = false;
    }
  }

  async function text() {
    const { xml } = await modeler.saveXML({ format: true });
    return xml;
  }

  async function arrange() {
    if (!canLayOut(modeler.getDefinitions())) return t('有泳道或展开的子流程的图不能自动排版。');
    await open(await layOut(await text(), EXTENSIONS));
    changed();
    return '';
  }

  function jump(id) {
    const element = modeler.get('elementRegistry').get(id);
    if (!element) return false;
    modeler.get('selection').select(element);
    canvas.scrollToElement(element, { top: 120, right: 120, bottom: 160, left: PALETTE + 40 });
    return true;
  }

  /** Lets the steps that show a form show it under another name. */
  function useForm(before, after) {
    const named = [before, `${before}.form`];
    const shapes = modeler
      .get('elementRegistry')
      .filter((one) => named.includes(one.businessObject?.get('duban:form')));
    for (const shape of shapes) modeler.get('modeling').updateProperties(shape, { 'duban:form': after });
  }

  return {
    modeler,
    open,
    text,
    useForm,
    arrange,
    jump,
    show: (findings) => marks.show(findings),
    name: (id) => modeler.get('elementRegistry').get(id)?.businessObject.name,
    pin: (comments) => showPins(modeler, comments, chooseComment),
    selected: () => modeler.get('selection').get()[0]?.id ?? null,
    simulate: () => modeler.get('toggleMode').toggleMode(),
    find: () => modeler.get('editorActions').trigger('find'),
    undo: () => modeler.get('commandStack').undo(),
    redo: () => modeler.get('commandStack').redo(),
    leave: () => modeler.destroy(),
  };
}
