import { Group } from '@bpmn-io/properties-panel';
import { entryOf } from './entries.js';
import { GROUPS } from './groups.js';
import { mappingGroups } from './mappings.js';

/** Groups of the stock panel that say the same as ours, without expressions. */
const REPLACED = new Set(['multiInstance', 'adHocCompletion', 'timer']);
const FIRST = 'general';
const LAST = 'documentation';

/** Shows what the engine executes of the selected element, and nothing else. */
class DubanProperties {
  static $inject = ['propertiesPanel', 'injector'];

  constructor(propertiesPanel, injector) {
    this.injector = injector;
    propertiesPanel.registerProvider(500, this);
  }

  getGroups(element) {
    return (stock) => {
      const kept = stock.filter((group) => !REPLACED.has(group.id));
      const ours = [...fieldGroups(element), ...mappingGroups(element, this.injector)];
      const [first, last] = [FIRST, LAST].map((id) => kept.filter((group) => group.id === id));
      return [...first, ...ours, ...kept.filter((group) => ![FIRST, LAST].includes(group.id)), ...last];
    };
  }
}

function fieldGroups(element) {
  if (element.type === 'label' || Array.isArray(element)) return [];
  return GROUPS.filter((group) => group.on(element)).flatMap((group) => {
    const fields = group.fields.filter((field) => field.when?.(element) ?? true);
    if (!fields.length) return [];
    const entries = fields.map((field) => entryOf(field));
    return [{ id: group.id, label: group.label, component: Group, shouldOpen: group.open, entries }];
  });
}

export const panelModule = { __init__: ['dubanProperties'], dubanProperties: ['type', DubanProperties] };
