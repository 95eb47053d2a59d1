// Bundles FEEL for the sandbox on the server: engine/expressions/bundle/feel.js, one classic script.
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

// feelin exports only functions that parse anew on every call; the sandbox keeps the parsed form.
const exposeInterpreter = {
  name: 'expose-feelin-interpreter',
  transform(code, id) {
    if (!/@bpmn-io[\\/]feelin[\\/]dist[\\/]index\.js$/.test(id.split('?')[0])) return null;
    const exposed = { builtins: 'const', equals: 'function', interpreter: 'const', wrapFunction: 'function' };
    for (const [name, kind] of Object.entries({ ...exposed, InterpreterContext: 'class' })) {
      if (!code.includes(`${kind} ${name}`)) this.error(`feelin has changed: ${kind} ${name} is gone`);
    }
    return { code: `${code}\nexport { ${Object.keys(exposed)}, InterpreterContext };\n`, map: null };
  },
};

export default defineConfig({
  publicDir: false,
  plugins: [exposeInterpreter],
  build: {
    outDir: resolve(import.meta.dirname, 'engine/expressions/bundle'),
    emptyOutDir: true,
    target: 'es2022',
    minify: true,
    sourcemap: false,
    lib: {
      entry: resolve(import.meta.dirname, 'engine/expressions/js/entry.js'),
      formats: ['iife'],
      name: 'duban',
      fileName: () => 'feel.js',
    },
  },
});
