import { t } from '../words/text.js';

const KIND = 'duban-finding';
const CLASSES = { error: 'finding-error', warning: 'finding-warning' };

/** Draws what the check found on the canvas: a coloured outline, and a mark with the number that opens the list. */
export class FindingMarks {
  constructor(modeler, choose) {
    this.canvas = modeler.get('canvas');
    this.overlays = modeler.get('overlays');
    this.elements = modeler.get('elementRegistry');
    this.choose = choose;
    this.marked = [];
  }

  /** Replaces what is drawn by these findings of this diagram. */
  show(findings) {
    for (const [id, marker] of this.marked) if (this.elements.get(id)) this.canvas.removeMarker(id, marker);
    this.overlays.remove({ type: KIND });
    this.marked = [];
    const byElement = Map.groupBy(findings, (one) => one.element);
    for (const [id, own] of byElement) {
      const element = id && this.elements.get(id);
      if (element && element !== this.canvas.getRootElement()) this.mark(element, own);
    }
  }

  mark(element, findings) {
    const severity = findings.some((one) => one.severity === 'error') ? 'error' : 'warning';
    this.canvas.addMarker(element, CLASSES[severity]);
    this.marked.push([element.id, CLASSES[severity]]);
    const button = document.createElement('button');
    button.type = 'button';
    button.className = `finding-mark ${severity}`;
    button.textContent = findings.length > 1 ? String(findings.length) : '!';
    button.title = findings.map((one) => one.message).join('\n');
    button.setAttribute('aria-label', t('{n} 个问题', { n: findings.length }));
    button.addEventListener('click', () => this.choose(findings[0]));
    this.overlays.add(element, KIND, { position: { top: -10, right: 8 }, html: button });
  }
}
