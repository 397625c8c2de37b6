/* Brotli and gzip beside each text asset: the server sends them as they are to browsers that accept them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
for (const file of readdirSync(dist, { recursive: true }).filter((name) => /\.(js|css|svg)$/.test(name))) {
  const content = readFileSync(join(dist, file));
  const text = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_QUALITY]: 11 };
  writeFileSync(join(dist, `${file}.br`), brotliCompressSync(content, { params: text }));
  writeFileSync(join(dist, `${file}.gz`), gzipSync(content, { level: 9 }));
}
