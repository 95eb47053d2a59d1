/**
 * Attributes that the engine takes from Camunda's dialect have Camunda's prefix, all others ours. The engine reads these
 * under our prefix too, as imported diagrams have them; the library that reads diagrams does not allow two attributes
 * of one name on an element.
 */
const CAMUNDA = new Set([
  'assignee',
  'candidateGroups',
  'candidateUsers',
  'collection',
  'decisionRef',
  'elementVariable',
  'errorCodeVariable',
  'errorMessageVariable',
  'escalationCodeVariable',
  'mapDecisionResult',
  'resultVariable',
]);

/** Returns the qualified name of an attribute of the engine. */
export const qualified = (name) => `${CAMUNDA.has(name) ? 'camunda' : 'duban'}:${name}`;

/** Gives the attributes of a diagram that was just read the one prefix each; ours goes before Camunda's. */
export function settleDialect(definitions) {
  visit(definitions, new Set(), (element) => {
    for (const name of CAMUNDA) {
      const value = element.$attrs?.[`duban:${name}`];
      if (value === undefined) continue;
      delete element.$attrs[`duban:${name}`];
      element.set(`camunda:${name}`, value);
    }
  });
}

function visit(element, seen, act) {
  if (!element?.$type || seen.has(element)) return;
  seen.add(element);
  act(element);
  for (const { name, isReference } of element.$descriptor?.properties ?? []) {
    if (isReference) continue;
    for (const child of [element[name.split(':').at(-1)] ?? element.get(name)].flat()) visit(child, seen, act);
  }
}
