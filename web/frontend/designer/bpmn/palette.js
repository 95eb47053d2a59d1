import { colon, t } from '../words/text.js';
import { qualified } from './dialect.js';
import { ICONS } from './icons.js';
import { aboutOf, businessObject, nameOf, TEMPLATES } from './templates.js';

const GROUP = { id: 'house', name: t('任务模板') };
const REPLACEABLE = ['bpmn:Task', 'bpmn:UserTask', 'bpmn:ServiceTask', 'bpmn:CallActivity', 'bpmn:ManualTask'];

/** Puts the house templates first: in the palette, and in the menus that create, append and replace elements. */
class HouseTemplates {
  static $inject = [
    'palette',
    'popupMenu',
    'create',
    'elementFactory',
    'bpmnFactory',
    'autoPlace',
    'bpmnReplace',
    'modeling',
    'eventBus',
  ];

  constructor(palette, popupMenu, create, elementFactory, bpmnFactory, autoPlace, bpmnReplace, modeling, eventBus) {
    Object.assign(this, { create, elementFactory, bpmnFactory, autoPlace, bpmnReplace, modeling });
    // It scrolls where the window is low, and keys must reach that.
    eventBus.on('palette.create', ({ container }) => (container.tabIndex = 0));
    palette.registerProvider(1500, this);
    for (const menu of ['bpmn-create', 'bpmn-append', 'bpmn-replace']) {
      popupMenu.registerProvider(menu, 500, { getPopupMenuEntries: (target) => this.menuEntries(menu, target) });
    }
  }

  shape(template) {
    const made = businessObject(template, (type, values) => this.bpmnFactory.create(type, values));
    return this.elementFactory.createShape({ type: template.type, businessObject: made });
  }

  getPaletteEntries() {
    const entries = {};
    for (const template of TEMPLATES) {
      const start = (event) => this.create.start(event, this.shape(template));
      entries[`house-${template.id}`] = {
        group: 'house',
        title: colon(nameOf(template), aboutOf(template)),
        html: `<div class="entry house-entry" draggable="true">${ICONS[template.icon]}<span>${nameOf(template)}</span></div>`,
        action: { dragstart: start, click: start },
      };
    }
    return { ...entries, 'house-separator': { group: 'house', separator: true } };
  }

  menuEntries(menu, target) {
    if (menu === 'bpmn-replace' && !REPLACEABLE.includes(target?.type)) return (entries) => entries;
    const own = {};
    for (const template of TEMPLATES) {
      own[`house-${template.id}`] = {
        label: nameOf(template),
        description: aboutOf(template),
        imageHtml: ICONS[template.icon],
        group: GROUP,
        action: this.menuAction(menu, template, target),
      };
    }
    return (entries) => ({ ...own, ...entries });
  }

  menuAction(menu, template, target) {
    const start = (event) => this.create.start(event, this.shape(template), { source: target });
    if (menu === 'bpmn-create') return { click: start, dragstart: start };
    if (menu === 'bpmn-append')
      return { click: () => this.autoPlace.append(target, this.shape(template)), dragstart: start };
    return { click: () => this.replace(target, template) };
  }

  replace(target, template) {
    const made = businessObject(template, (type, values) => this.bpmnFactory.create(type, values));
    const shape = this.bpmnReplace.replaceElement(target, { type: template.type });
    const { name, extensionElements, loopCharacteristics } = made;
    const attributes = Object.fromEntries(
      Object.entries(template.attributes ?? {}).map(([key, value]) => [qualified(key), value]),
    );
    this.modeling.updateProperties(shape, {
      ...attributes,
      name: shape.businessObject.name || name,
      ...(extensionElements && { extensionElements }),
      ...(loopCharacteristics && { loopCharacteristics }),
    });
  }
}

export const houseModule = { __init__: ['houseTemplates'], houseTemplates: ['type', HouseTemplates] };
