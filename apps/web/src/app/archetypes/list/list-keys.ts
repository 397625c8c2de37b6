import { effect, inject } from '@angular/core';
import { Commands } from '../../core/commands';
import { exportChoices } from '../../parts/export-menu';
import type { ListPage } from './list-page';

/** The keyboard of a list. Called in the page's injection context. */
export function listKeys(page: ListPage): void {
  const where = 'List';
  const table = () => page.table();
  const commands = inject(Commands);
  const quiet = true;
  commands.use(
    { name: 'Next row', where, key: 'J', quiet, run: () => table()?.move(1) },
    { name: 'Previous row', where, key: 'K', quiet, run: () => table()?.move(-1) },
    { name: 'Row below', where, key: 'Down', quiet, run: () => table()?.move(1) },
    { name: 'Row above', where, key: 'Up', quiet, run: () => table()?.move(-1) },
    { name: 'Open the row', where, key: 'Enter', quiet, when: () => !onControl(), run: () => page.open() },
    { name: 'Peek into the row', where, key: 'Space', quiet, when: () => !onControl(), run: () => page.peek() },
    { name: 'Select the row', where, key: 'X', quiet, run: () => toggle(page) },
    { name: 'Select further down', where, key: 'Shift+Down', quiet, run: () => table()?.move(1, true) },
    { name: 'Select further up', where, key: 'Shift+Up', quiet, run: () => table()?.move(-1, true) },
    {
      name: 'Select the page',
      where,
      key: 'Ctrl+A',
      quiet,
      when: () => !inText(),
      run: () => table()?.selectAll(true),
    },
    { name: 'Find text in the list', where, key: '/', icon: 'list-filter', run: () => page.focusSearch() },
    { name: 'Filter', where, key: 'F', icon: 'list-filter', run: () => page.filters()?.add() },
    { name: 'Older rows', where, key: 'Shift+J', quiet, run: () => page.older() },
    { name: 'Newer rows', where, key: 'Shift+K', quiet, run: () => page.newerPage() },
    ...exportChoices.map(({ format, title }) => ({
      name: `Export as ${title}`, where, icon: 'download', when: () => page.read.allowed(), run: () => void page.exportAll(format),
    })), // prettier-ignore
    { name: 'Create', where, key: 'C', quiet, run: () => page.create() },
    {
      name: 'Actions of the row',
      where,
      key: '.',
      quiet,
      when: () => page.rowActions().length > 0,
      run: () => page.peek(true),
    },
    { name: 'Leave', where, key: 'Escape', quiet, inFields: true, run: () => leave(page) },
  );
  effect((onCleanup) => {
    const deeds = page.rowActions().map((action) => ({
      name: `${action.label}…`,
      where: 'Row',
      ...(action.key === undefined ? {} : { key: action.key }),
      ...(action.icon === undefined ? {} : { icon: action.icon }),
      run: () => page.performHere(action),
    }));
    onCleanup(commands.add(...deeds));
  });
}
const toggle = (page: ListPage): void => {
  const row = page.read.rows()[page.here()];
  if (row !== undefined) page.table()?.toggle(row);
};
/** Esc: out of the field, then close the drawer, then clear the selection. */
function leave(page: ListPage): void {
  const focused = document.activeElement;
  if (focused instanceof HTMLInputElement) {
    focused.blur();
    page.table()?.focus();
  } else if (page.query()['peek']) page.go({ peek: '' }, true);
  else page.selected.set(new Set());
}
/** A button or link has its own meaning of Enter and Space; a row's link means the row. */
const onControl = (): boolean => {
  const focused = document.activeElement;
  return focused !== null && focused.matches('button, summary, a:not(.drill), [role^="menuitem"]');
};
const inText = (): boolean => document.activeElement instanceof HTMLInputElement;
