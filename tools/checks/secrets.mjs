/*
 * `npm run secrets`: no file of the repository contains a credential that Secretlint knows (private keys, keys of clouds and
 * services, tokens, passwords in URLs), except the dated exceptions in lists/secrets.json. Nothing is sent anywhere.
 */
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { judged } from './exceptions.mjs';
import { root } from './results.mjs';
import { end, isMain, reportFiles, tracked } from './checked-files.mjs';

const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }] };
const pictures = new Set(['.png', '.ico', '.woff2', '.jpg']);

/** The findings in a text: rule, line, and a message that does not repeat the secret. */
export async function secretsIn(path, content) {
  const source = { filePath: path, content, contentType: 'text', ext: extname(path) };
  const { messages } = await lintSource({ source, options: { config, maskSecrets: true, noPhysicFilePath: true } });
  return messages.map(({ ruleId, messageId, loc, message }) => ({
    key: `${path} ${messageId}`,
    sentence: `${path}:${loc.start.line} ${ruleId.replace('@secretlint/secretlint-rule-', '')}: ${message}`,
  }));
}

export const keyOf = (exception) => `${exception.file} ${exception.kind}`;

if (isMain(import.meta)) {
  const files = tracked().filter((path) => !pictures.has(extname(path)));
  const found = await Promise.all(files.map((path) => secretsIn(path, readFileSync(join(root, path), 'utf8'))));
  const exceptions = JSON.parse(readFileSync(join(root, 'tools/checks/lists/secrets.json'), 'utf8'));
  end([...reportFiles('secrets', files), ...judged(found.flat(), exceptions, keyOf)]);
}
