import type { FilterDeclaration, NumberForm } from '@daybook/kernel';
import { parseFigure } from '@daybook/kernel';
import type { Choice } from '../../core/choices';
import { parseDate } from '../../core/dates';
import { words } from '../../core/values';
import { fieldsOf, isFigure, type Query } from './list-state';

export const isRange = (filter: FilterDeclaration): boolean => typeof filter.field !== 'string';

/** A filter in words: "Amount" "from 10 000,00". `write` gives one value as people read it. */
export function wordsOf(
  filter: FilterDeclaration,
  query: Query,
  write: (value: string) => string,
  choices: readonly Choice[],
): { word: string; value: string } {
  const [first = '', second = ''] = fieldsOf(filter).map((name) => query[name] ?? '');
  if (isRange(filter)) {
    if (first === second) return { word: isFigure(filter) ? 'is exactly' : 'on', value: write(first) };
    if (second === '') return { word: 'from', value: write(first) };
    if (first === '') return { word: 'to', value: write(second) };
    return { word: '', value: `${write(first)} – ${write(second)}` };
  }
  const label = (value: string): string =>
    choices.find((choice) => choice.value === value)?.label ?? (filter.as === 'status' ? words(value) : write(value));
  const listed = (values: string): string => values.split(',').map(label).join(', ');
  if (first === '') return { word: 'is not', value: listed(second) };
  return { word: 'is', value: second === '' ? listed(first) : `${listed(first)}, not ${listed(second)}` };
}

/** What was typed into a filter, as the address writes it; null when it is not valid. */
export function readTyped(filter: FilterDeclaration, typed: string, today: string, form: NumberForm): string | null {
  const text = typed.trim();
  if (text === '') return '';
  if (isFigure(filter)) return parseFigure(text, form);
  if (filter.as === 'date') return parseDate(text, today);
  return text;
}
/** `>10000`, `1000..2000`, `<500`: both ends of an amount in one field. */
export function readRange(typed: string, read: (text: string) => string | null): [string, string] | null {
  const text = typed.trim();
  const [, sign, rest] = /^([<>])=?(.*)$/.exec(text) ?? [];
  const parts = sign === '>' ? [rest, ''] : sign === '<' ? ['', rest] : text.includes('..') ? text.split('..') : null;
  if (parts === null) return null;
  const [from, to] = parts.map((part) => read(part ?? ''));
  return from == null || to == null ? null : [from, to];
}
