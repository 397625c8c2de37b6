/* The initial JavaScript of the console, as the browser fetches it: at most 200 kB gzip, or the build fails. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const limit = 200_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const present = new Set(readdirSync(dist));
const html = readFileSync(join(dist, 'index.html'), 'utf8');
const waiting = [...html.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, file]) => file);
const initial = new Set();
while (waiting.length > 0) {
  const file = waiting.pop();
  if (initial.has(file) || !present.has(file)) continue;
  initial.add(file);
  const text = readFileSync(join(dist, file), 'utf8');
  for (const [, next] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) waiting.push(next);
}
if (initial.size === 0) throw new Error('index.html names no script: the budget cannot be measured');
let sum = 0;
for (const file of [...initial].sort()) {
  const size = gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  sum += size;
  console.log(`${(size / 1000).toFixed(1).padStart(7)} kB  ${file}`);
}
console.log(`${(sum / 1000).toFixed(1).padStart(7)} kB  initial JavaScript, gzip; the limit is ${limit / 1000} kB`);
if (sum > limit) {
  console.error(`The initial JavaScript is ${sum - limit} bytes over its budget.`);
  process.exit(1);
}
if (/<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=/.test(html)) {
  console.error('index.html holds an inline script, style or handler: the content security policy forbids it.');
  process.exit(1);
}
