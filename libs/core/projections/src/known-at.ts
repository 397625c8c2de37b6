import { instant, reject, RejectionError } from '@daybook/kernel';

/** A past moment, as a caller gives it (docs/adr/0003). */
export type KnownAt =
  | { readonly kind: 'instant'; readonly instant: string }
  | { readonly kind: 'trail'; readonly trail: string }
  | { readonly kind: 'position'; readonly position: bigint };

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const largest = 2n ** 63n - 1n;

/** Seconds are optional; invalid days and years out of range are refused. */
const withSeconds = (text: string): string => text.replace(/^([^T]*T\d{2}:\d{2})(?!:)/, '$1:00');

/** An RFC 3339 instant, the digits of a trail number, or `position:<n>`; anything else is a 400. */
export function parseKnownAt(text: string): KnownAt {
  const [, position] = /^position:(\d{1,19})$/.exec(text) ?? [];
  if (position !== undefined && BigInt(position) <= largest) return { kind: 'position', position: BigInt(position) };
  if (/^\d{1,18}$/.test(text)) return { kind: 'trail', trail: String(BigInt(text)) };
  if (instantPattern.test(text) && instant.safeParse(withSeconds(text)).success)
    return { kind: 'instant', instant: text };
  const message = 'Give an instant like 2026-03-31T12:00:00Z, a trail number, or position:<n>.';
  throw new RejectionError(
    reject('platform.known-at-invalid', message, {
      status: 400,
      errors: [{ pointer: '/known-at', code: 'invalid', message }],
    }),
  );
}
