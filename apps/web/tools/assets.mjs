/*
 * Builds public/icons.svg from lucide-static: one <symbol> per icon named in a template, a component or a view, and our
 * own two. An unknown name fails the build. Beside it the two font files that the console uses, from their packages.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const libs = join(web, '../../libs');
const packages = createRequire(import.meta.url);
const nodes = JSON.parse(readFileSync(packages.resolve('lucide-static/icon-nodes.json'), 'utf8'));
const own = {
  daybook: '<path d="M4.5 4.5h15v15h-15z"/><path d="M9 4.5v15M12 9h5M12 12.25h5M12 15.5h5"/>',
  seal: '<circle cx="12" cy="12" r="9.25"/><path d="M12 8.4v3M12 11.4 8.6 15M12 11.4l3.4 3.6"/><circle cx="12" cy="7.4" r="1.1" fill="currentColor" stroke="none"/><circle cx="8.2" cy="15.8" r="1.1" fill="currentColor" stroke="none"/><circle cx="15.8" cy="15.8" r="1.1" fill="currentColor" stroke="none"/>',
};

const sources = [
  ...readdirSync(join(web, 'src'), { recursive: true }).map((f) => join(web, 'src', f)),
  ...readdirSync(libs, { recursive: true })
    .filter((f) => /\.(view|operations|record)\.ts$|^contexts\/[^/]+\/src\/index\.ts$/.test(f))
    .map((f) => join(libs, f)),
].filter((f) => /\.(ts|html)$/.test(f) && !/\.spec\.ts$/.test(f) && !/node_modules/.test(f));

const used = new Set();
for (const file of sources) {
  const text = readFileSync(file, 'utf8');
  // `icon="x"` and `icon: 'x'` are names; in `[icon]="a ? 'x' : 'y'"` the names are the single-quoted words.
  const bound = [...text.matchAll(/\[icon\]="([^"]*)"/g)].flatMap(([, code]) => [...code.matchAll(/'([a-z0-9-]+)'/g)]);
  const plain = [...text.matchAll(/(?<!\[)\bicon(?:="|\??:\s*')([a-z][a-z0-9-]*)["']/g)];
  const chosen = [...text.matchAll(/\bicon:[^,;]*\?([^,;]*)/g)].flatMap(([, code]) => [
    ...code.matchAll(/'([a-z0-9-]+)'/g),
  ]);
  for (const [, name] of [...bound, ...plain, ...chosen]) {
    if (nodes[name] || own[name]) used.add(name);
    else {
      console.error(`${file}: there is no icon "${name}" in lucide-static`);
      process.exitCode = 1;
    }
  }
}

const shape = (name) =>
  own[name] ??
  nodes[name]
    .map(([tag, attributes]) => {
      const text = Object.entries(attributes).map(([key, value]) => `${key}="${value}"`);
      return `<${tag} ${text.join(' ')}/>`;
    })
    .join('');
const symbols = [...used].sort().map((name) => `<symbol id="${name}" viewBox="0 0 24 24">${shape(name)}</symbol>`);
writeFileSync(
  join(web, 'public/icons.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`,
);
console.log(`icons.svg: ${used.size} icons`);

mkdirSync(join(web, 'public/fonts'), { recursive: true });
for (const [font, file] of [
  ['@fontsource-variable/inter', 'inter-latin-opsz-normal.woff2'],
  ['@fontsource-variable/jetbrains-mono', 'jetbrains-mono-latin-wght-normal.woff2'],
]) {
  copyFileSync(packages.resolve(`${font}/files/${file}`), join(web, 'public/fonts', file));
}
