import { asOneLine, hiddenCharacterIn, truncate } from '@daybook/kernel';
import type { Findings } from './finding.js';

const longestName = 256;

/**
 * A name of the file as the names that people type: one line that shows all it holds. A file cannot be typed again, so what
 * is not seen is left out, with a warning that names line and field. Empty when nothing is left.
 */
export function nameIn(
  text: string,
  { field, line, ...where }: { field: string; line: number; account?: string },
  findings: Findings,
): string {
  const hidden = hiddenCharacterIn(text);
  if (hidden !== null) {
    const message = `${field} is imported without the character ${hidden}: it is not seen, or changes how the rest is read.`;
    findings.add('warning', 'saft.name-cleaned', line, message, where);
  }
  return truncate(asOneLine(text), longestName);
}
