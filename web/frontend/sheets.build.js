/**
 * Vite plugin: keeps sheets of libraries to the editors they belong to. The table editor and the form editor bring older
 * sheets of the canvas and of the properties panel along, which would colour those of the diagram editor once a table
 * or a form was looked at: white on dark pages. `:where` keeps what their rules weigh.
 */
const KEPT = [
  {
    sheet: /dmn-js\/dist\/assets\/diagram-js\.css$/,
    within: (code) => `:where(.dmn) {\n${code}\n}`,
  },
  {
    sheet: /form-js-editor\/dist\/assets\/form-js-editor\.css$/,
    // Its colours and measures: the other rules say the same as those of the diagram editor.
    within: (code) => code.replace(/^\.bio-properties-panel(?= \{)/gm, ':where(.form-tab) $&'),
  },
];

export default function keepSheetsWithin() {
  return {
    name: 'duban-sheets',
    enforce: 'pre',
    transform(code, id) {
      const kept = KEPT.find(({ sheet }) => sheet.test(id.split('?')[0]));
      if (!kept) return null;
      const changed = kept.within(code);
      if (changed === code) this.error(`${id} has changed: nothing of it is kept within its editor`);
      return { code: changed, map: null };
    },
  };
}
