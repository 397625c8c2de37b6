import { reject, type Rejection } from '@daybook/kernel';

/** The version that If-Match pins, null for none; or why the header cannot be met. */
export interface Pinned {
  readonly version: number | null;
  readonly refused: Rejection | null;
}

const tag = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const list = new RegExp(`^${tag}(?:[ \\t]*,[ \\t]*${tag})*$`);
const ofVersion = /^"(0|[1-9]\d{0,8})"$/;

const invalid = (message: string): Pinned => ({
  version: null,
  refused: reject('platform.version-invalid', message, { status: 400 }),
});
const weak = reject(
  'platform.version-weak',
  'If-Match holds only weak tags (W/"3"), which never match. Send the version in plain quotes: "3".',
  { status: 412 },
);

/**
 * RFC 9110, 13.1.1: tags are compared strongly, so a weak one never matches. A command is decided on one version, so of a
 * list one strong tag may be left, and `*` would pin nothing.
 */
export function pinnedBy(header: string | null): Pinned {
  if (header === null) return { version: null, refused: null };
  const given = header.trim();
  if (given === '*') return invalid('If-Match: * pins no version. Send the version that you have seen: "3".');
  if (!list.test(given)) return invalid('If-Match takes the version in quotes, as ETag gave it: "3".');
  const strong = new Set((given.match(new RegExp(tag, 'g')) ?? []).filter((one) => !one.startsWith('W/')));
  const [first, second] = strong;
  if (first === undefined) return { version: null, refused: weak };
  if (second !== undefined) return invalid('If-Match names several versions. Send the one that you have seen.');
  const version = ofVersion.exec(first)?.[1];
  return version === undefined
    ? invalid('If-Match takes the version in quotes, as ETag gave it: "3".')
    : { version: Number(version), refused: null };
}

/**
 * The tags that If-None-Match lists, as they are compared there: weakly, by what stands in the quotes (RFC 9110, 13.1.2).
 * `*` is any; none where the header is absent or malformed, which makes the request one without condition.
 */
export function knownBy(header: string | null): readonly string[] | '*' {
  const given = header?.trim() ?? '';
  if (given === '*') return '*';
  if (!list.test(given)) return [];
  return (given.match(new RegExp(tag, 'g')) ?? []).map((one) => one.replace(/^W\//, '').slice(1, -1));
}
