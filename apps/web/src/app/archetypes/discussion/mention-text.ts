import { mentionOf, partsOf } from '@daybook/collaboration';

/** Somebody who can be mentioned. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** The text as it is edited: names in the place of ids. */
export const shownText = (stored: string, nameOf: (id: string) => string): string =>
  partsOf(stored)
    .map((part) => (part.person === undefined ? part.text : `@${nameOf(part.person)}`))
    .join('');

/** The text as it is kept. Only names that were chosen are mentions, so that two people of one name are told apart. */
export const storedText = (shown: string, chosen: readonly Named[]): string =>
  [...chosen]
    .sort((a, b) => b.name.length - a.name.length)
    .reduce((text, { id, name }) => text.replaceAll(`@${name}`, mentionOf(id)), shown);

/** What is typed after an `@` in front of the caret: the person who is looked for. */
export function soughtAt(text: string, caret: number): { readonly from: number; readonly words: string } | null {
  const found = /(?:^|\s)@([\p{L}\p{M}' -]{0,40})$/u.exec(text.slice(0, caret));
  return found === null ? null : { from: caret - found[1]!.length - 1, words: found[1]! };
}

export const matching = (people: readonly Named[], words: string): Named[] =>
  people.filter(({ name }) => name.toLowerCase().includes(words.trim().toLowerCase())).slice(0, 6);
