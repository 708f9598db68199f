// Puts the licences of what is in the bundle beside it: `_app/licenses.txt`.
import fs from 'node:fs';
import path from 'node:path';

const PACKAGE = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** A plugin for Vite. `more`: packages that come in by style sheets, which no module tells of. */
export function licenses(more = []) {
  return {
    name: 'licenses',
    generateBundle(_, bundle) {
      if (this.environment.name !== 'client') return;
      const folders = new Map(more.map((name) => [name, path.resolve('node_modules', name)]));
      for (const id of Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds)) {
        const [, folder, name] = PACKAGE.exec(id.replace(/^\0/, '').split('?')[0].replaceAll('\\', '/')) ?? [];
        if (name) folders.set(name, folder);
      }
      const source = [...folders.keys()]
        .sort()
        .map((name) => text(name, folders.get(name)))
        .join('\n');
      this.emitFile({ type: 'asset', fileName: '_app/licenses.txt', source });
    },
  };
}

function text(name, folder) {
  const { license, version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const words = file ? fs.readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim() : license;
  return `${name} ${version} (${license})\n\n${words}\n\n${'-'.repeat(80)}\n`;
}
