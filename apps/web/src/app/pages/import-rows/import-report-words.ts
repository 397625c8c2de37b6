import type { OutputOf } from '@daybook/kernel';
import type { listImportRows, readImport } from '@daybook/server/import/import.operations';
import { labelOf } from '../../archetypes/list/list-state';

/* What an import and its rows are called. Pure. */
type Import = Pick<OutputOf<typeof readImport>, 'phase' | 'state'>;
type RowError = OutputOf<typeof listImportRows>['items'][number]['errors'][number];

const phaseWords = { rehearsal: 'Rehearsal', run: 'Import', revert: 'Revert' } as const;
const endWords = { done: 'done', cancelled: 'stopped', failed: 'failed' } as const;

export const isUnderWay = ({ state }: Pick<Import, 'state'>): boolean => state === 'waiting' || state === 'running';
export const headline = ({ phase, state }: Import): string =>
  `${phaseWords[phase]} ${state === 'waiting' || state === 'running' ? 'under way' : endWords[state]}`;

/** `1 row`, `1 250 rows`: the count comes formatted. */
export const rowsOf = (count: number, formatted: string): string => `${formatted} ${count === 1 ? 'row' : 'rows'}`;

/** What is in a row, to be known by: blank cells say nothing. */
export const cellsOf = (cells: readonly string[]): string => cells.filter((cell) => cell.trim() !== '').join(' · ');

/** `2 new, 3 changed.`; empty where neither is. */
export function tallyOf(
  { created, changed }: { readonly created: number; readonly changed: number },
  shown: (count: number) => string,
): string {
  const parts = [
    ...(created > 0 ? [`${shown(created)} new`] : []),
    ...(changed > 0 ? [`${shown(changed)} changed`] : []),
  ];
  return parts.length === 0 ? '' : `${parts.join(', ')}.`;
}

/** With the field that it is about: “This is required.” says nothing beside a row of many cells. */
export function errorWords({ pointer, message }: RowError): string {
  const [field = ''] = pointer.split('/').slice(1);
  // What is wrong with a custom field begins with its label.
  return field === '' || field === 'custom' ? message : `${labelOf(field, {})}: ${message}`;
}

export const stateWords = [
  { state: 'planned', word: 'not rehearsed yet', look: 'past', icon: 'clock' },
  { state: 'ready', word: 'to run', look: '', icon: 'circle' },
  { state: 'unchecked', word: 'to run, not checked before', look: 'past', icon: 'circle' },
  { state: 'waits', word: 'to run with approval', look: 'past', icon: 'clock' },
  { state: 'done', word: 'done', look: 'plain good-text', icon: 'check' },
  { state: 'waiting', word: 'waiting for approval', look: 'past', icon: 'clock' },
  { state: 'unchanged', word: 'unchanged', look: 'plain', icon: 'equal' },
  { state: 'refused', word: 'refused', look: 'bad', icon: 'circle-x' },
  { state: 'reverted', word: 'reverted', look: 'plain good-text', icon: 'undo-2' },
  { state: 'kept', word: 'left as is', look: 'past', icon: 'circle-alert' },
] as const;
