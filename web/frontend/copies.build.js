import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/**
 * Vite plugin: npm lays the same version of a package into several folders when another version stands at the top;
 * here each version of a package is bundled once.
 */
export default function oneCopyEach() {
  const kept = new Map();
  return {
    name: 'duban-one-copy-each',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!importer || source.startsWith('.') || source.startsWith('\0')) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      const folder = found && !found.external && folderOf(found.id);
      if (!folder) return found;
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const first = kept.get(`${name}@${version}`) ?? folder;
      kept.set(`${name}@${version}`, first);
      return first === folder ? found : { ...found, id: first + found.id.slice(folder.length) };
    },
  };
}

/** The folder of the package that a module belongs to, null for one of ours. */
function folderOf(id) {
  const at = id.lastIndexOf(`${sep}node_modules${sep}`);
  if (at < 0) return null;
  const [scope, name] = id.slice(at + 14).split(sep);
  return id.slice(0, at + 14) + (scope.startsWith('@') ? join(scope, name) : scope);
}
