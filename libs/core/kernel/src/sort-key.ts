/*
 * A text as a key that sorts by code point (`COLLATE "C"`) as the text itself sorts in a language. So one column and one index
 * serve tenants of any language, whatever version of ICU a server has, and a prefix finds names without accents or capitals.
 *
 * The first part of the key are the letters alone: no case, no accents, with the letters that a language has of its own behind
 * z, or behind the letter they follow (`~` is greater than any letter). The second part decides between what is equal so far.
 * A spec compares the order with that of ICU.
 */
export type SortLanguage = 'nb' | 'da' | 'sv' | 'fi' | 'de' | 'en' | 'nl' | 'fr' | 'es' | 'pl';

/** Until a tenant has a language of its own. */
export const defaultSortLanguage: SortLanguage = 'nb';

const everywhere: Letters = { æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ß: 'ss', þ: 'z~' };
const danish: Letters = { ü: 'y', ű: 'y', þ: 'th', æ: '{', ä: '{', ø: '|', ö: '|', ő: '|', å: '}', aa: '}' };
const finnish: Letters = { ü: 'y', å: '{', ä: '|', æ: '|', ö: '}', ø: '}' };
const swedish: Letters = { ...finnish, ű: 'y', þ: 'th', ę: '|', œ: '}', ő: '}', ô: '}' };
const polish: Letters = { ą: 'a~', ć: 'c~', ę: 'e~', ł: 'l~', ń: 'n~', ó: 'o~', ś: 's~', ź: 'z~', ż: 'z~~', þ: 'z~~~' };
const own: Readonly<Partial<Record<SortLanguage, Letters>>> = {
  nb: { ...danish, ę: '{', œ: '|' },
  da: danish,
  sv: swedish,
  fi: finnish,
  es: { ñ: 'n~' },
  pl: polish,
};
type Letters = Readonly<Record<string, string>>;

const lettersOf = new Map<SortLanguage, { readonly found: RegExp; readonly letters: Letters }>();
function tailored(language: SortLanguage) {
  const known = lettersOf.get(language);
  if (known) return known;
  const letters = { ...everywhere, ...own[language] };
  const longestFirst = Object.keys(letters).sort((a, b) => b.length - a.length);
  const made = { letters, found: new RegExp(longestFirst.join('|'), 'g') };
  lettersOf.set(language, made);
  return made;
}

/** The letters of a text as they sort: what a prefix is compared with. */
export function sortPrefix(text: string, language: SortLanguage = defaultSortLanguage): string {
  const { found, letters } = tailored(language);
  const plain = text
    .normalize('NFC')
    .toLowerCase()
    .replace(found, (letter) => letters[letter] ?? letter);
  return plain
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\p{L}\p{N}{|}~]+/gu, (between) => (/\s/u.test(between) ? ' ' : '!'));
}
export const sortKey = (text: string, language: SortLanguage = defaultSortLanguage): string =>
  `${sortPrefix(text, language)}\u0001${text.normalize('NFC').toLowerCase()}`;
