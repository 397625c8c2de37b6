import * as z from 'zod';

/*
 * What a person types and others read: names, titles, labels (one line), and reasons or descriptions (several). What is
 * stored is what is seen: control characters, characters that show nothing, and those that turn the direction of a text
 * would make two names look alike, or a line say what it does not hold (Unicode TR 36). They are refused, not taken out,
 * so that nobody gets another name than the one they typed.
 */

/** Control, format (zero width, direction, tags), line and paragraph separators, private use, what else shows nothing. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/u;
const hiddenBesideLines = new RegExp(`(?![\\n\\r\\t])${hidden.source}`, 'u');
const shows = /[^\p{M}\p{Z}]/u;

const codeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

const refusing =
  (unseen: RegExp): z.core.CheckFn<string> =>
  ({ value, issues }) => {
    const [found] = unseen.exec(value) ?? [];
    if (found !== undefined) {
      const message = `Take out the character ${codeOf(found)}: it is not seen, or changes how the rest is read.`;
      issues.push({ code: 'custom', input: value, message });
    } else if (value !== '' && !shows.test(value)) {
      issues.push({ code: 'custom', input: value, message: 'Write something that can be seen.' });
    }
  };

/** The first character that a name may not hold, as `U+202E`; null where there is none. Line breaks and tabs are spaces. */
export function hiddenCharacterIn(text: string): string | null {
  const [found] = hiddenBesideLines.exec(text) ?? [];
  return found === undefined ? null : codeOf(found);
}

/** One kind of space, one at a time; letters and their accents composed (NFC): what looks alike is alike. */
const evenly = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/\p{Zs}+/gu, ' ')
    .trim();

/** A name or another text of one line, of at most so many characters; `required` is said when there is none. */
export const oneLine = (most: number, required = 'This is required.') =>
  z.string().overwrite(evenly).min(1, required).max(most).check(refusing(hidden));

/** One that may be left empty. */
export const oneLineOrEmpty = (most: number) => z.string().overwrite(evenly).max(most).check(refusing(hidden));

/** A reason, a description, a comment: may have several lines. */
export const plainText = (most: number, least = 1, required = 'This is required.') =>
  z.string().trim().min(least, required).max(most).check(refusing(hiddenBesideLines));
export const plainTextOrEmpty = (most: number) => z.string().trim().max(most).check(refusing(hiddenBesideLines));

/** A text with blanks for what shows nothing. */
export const withoutHidden = (text: string): string => text.replaceAll(new RegExp(hidden, 'gu'), ' ');
/** A text of before these rules, or of somewhere else, as one line that shows all it holds. */
export const asOneLine = (text: string): string => evenly(withoutHidden(text));
