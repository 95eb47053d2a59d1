/** Splits an assignment rule into its alternatives; an expression stays whole. */
export function splitRule(rule) {
  if (!rule || rule.startsWith('=')) return [];
  return rule
    .split('|')
    .map((term) => term.trim())
    .filter(Boolean);
}

/** Joins alternatives into a rule; undefined where there are none. */
export const joinRule = (terms) => terms.join(' | ') || undefined;

export const RIGHTS = ['edit', 'read', 'hidden'];

/** Reads `amount:read, secret:hidden, *:edit` into a map from field to right. */
export function readRights(text) {
  const rights = new Map();
  for (const part of (text ?? '').split(',')) {
    const [, field, right] = /^\s*([^:\s]+)\s*:\s*(\w+)\s*$/.exec(part) ?? [];
    if (field && RIGHTS.includes(right)) rights.set(field, right);
  }
  return rights;
}

/** Writes a map from field to right; fields of no right of their own are left out. */
export function writeRights(rights) {
  return [...rights].map(([field, right]) => `${field}:${right}`).join(', ') || undefined;
}
