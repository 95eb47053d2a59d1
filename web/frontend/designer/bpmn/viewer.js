import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/diagram-js.css';
import '../bio.css';
import './bpmn.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { followFingers } from '../../lib/fingers.js';
import { translateModule } from '../words/translate.js';
import { withDrawing } from './drawn.js';
import { FindingMarks } from './markers.js';
import { showPins } from './pins.js';
import { diagramTheme, fit } from './theme.js';

/** The diagram to look at: for phones, for published versions, and for who may not edit. */
export function mount(root, { chooseFinding, chooseComment, chosen }) {
  root.innerHTML = '<div class="canvas bio-theme-parent"></div>';
  const viewer = new NavigatedViewer({
    container: root.querySelector('.canvas'),
    additionalModules: [translateModule],
    ...diagramTheme(),
  });
  followFingers(viewer.get('canvas'));
  viewer.on('selection.changed', chosen);
  const marks = new FindingMarks(viewer, chooseFinding);
  let xml = '';

  return {
    modeler: viewer,
    async open(text) {
      xml = text;
      const { warnings } = await viewer.importXML(await withDrawing(text));
      fit(viewer.get('canvas'));
      return warnings.map((one) => one.message);
    },
    text: async () => xml,
    jump(id) {
      const element = viewer.get('elementRegistry').get(id);
      if (element) {
        viewer.get('selection').select(element);
        viewer.get('canvas').scrollToElement(element, 80);
      }
      return Boolean(element);
    },
    show: (findings) => marks.show(findings),
    name: (id) => viewer.get('elementRegistry').get(id)?.businessObject.name,
    pin: (comments) => showPins(viewer, comments, chooseComment),
    selected: () => viewer.get('selection').get()[0]?.id ?? null,
    leave: () => viewer.destroy(),
  };
}
