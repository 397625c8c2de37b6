/** Where a person is mentioned in a text: `<@` their id `>`. Shown as their name; an erased person has none any more. */
const mention = /<@([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})>/g;

export const mentionsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(mention)].map(([, id]) => String(id))),
];

/** The text in parts, for showing: what is written, and who is mentioned. */
export type TextPart = { readonly text: string; readonly person?: undefined } | { readonly person: string };
export const partsOf = (text: string): TextPart[] =>
  text
    .split(mention)
    .flatMap((part, index) => (index % 2 === 1 ? { person: part } : part === '' ? [] : { text: part }));

export const mentionOf = (personId: string): string => `<@${personId}>`;
