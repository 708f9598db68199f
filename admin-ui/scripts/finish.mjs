// Finishes the build: no inline script may be left (the server's policy forbids them), and nothing that changes from build to build.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const OUT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../bakend/admin');
const INLINE = /<script>([\s\S]*?)<\/script>/g;

const index = path.join(OUT, 'index.html');
let html = fs.readFileSync(index, 'utf8');
html = html.replace(INLINE, (_, code) => {
  const text = `${dedent(code)}\n`;
  const name = `_app/immutable/start.${createHash('sha256').update(text).digest('base64url').slice(0, 8)}.js`;
  fs.writeFileSync(path.join(OUT, name), text);
  return `<script src="/_/${name}" defer></script>`;
});
html = html
  .split('\n')
  .map((line) => line.trimEnd())
  .filter((line) => line !== '')
  .join('\n');
fs.writeFileSync(index, `${html}\n`);

const faults = [];
if (/<script(?![^>]*\bsrc=)|<style|\son\w+=/i.test(html))
  faults.push('index.html has inline code or an inline style sheet');
for (const name of fs.readdirSync(OUT)) {
  if (name !== 'index.html' && name !== '_app') faults.push(`${name} lies outside _app/`);
}
if (faults.length) {
  console.error(faults.join('\n'));
  process.exit(1);
}

/** Takes away the indentation that all lines share. */
function dedent(code) {
  const lines = code.replace(/^\s*\n|\s+$/g, '').split('\n');
  const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => line.match(/^\s*/)[0].length));
  return lines.map((line) => line.slice(depth).trimEnd()).join('\n');
}
