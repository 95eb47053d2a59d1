/** Returns a form's schema in a language, with each field's right: read-only, hidden, or to be filled in. */
export function asSeen(schema, language, rights) {
  return { ...schema, components: components(schema.components, language, rights) };
}

function components(list = [], language, rights) {
  return list.filter((one) => rightOf(one, rights) !== 'hidden').map((one) => component(one, language, rights));
}

function rightOf(one, rights) {
  return one.key ? (rights.get(one.key) ?? rights.get('*')) : undefined;
}

/** Texts in English stand beside the Chinese ones, in properties called `label:en`, `description:en`, `text:en`. */
function component(one, language, rights) {
  const english = language === 'en' ? (one.properties ?? {}) : {};
  const said = Object.fromEntries(
    ['label', 'description', 'text'].flatMap((name) => (english[`${name}:en`] ? [[name, english[`${name}:en`]]] : [])),
  );
  return {
    ...one,
    ...said,
    ...(one.values && { values: one.values.map((value) => option(value, language)) }),
    ...(one.components && { components: components(one.components, language, rights) }),
    ...(rightOf(one, rights) === 'read' && { readonly: true }),
  };
}

function option(value, language) {
  return language === 'en' && value['label:en'] ? { ...value, label: value['label:en'] } : value;
}
