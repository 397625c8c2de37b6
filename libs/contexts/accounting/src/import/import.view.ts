import { notOf, view } from '@daybook/kernel';
import { listImports, readImport, startImport } from './import.operations.js';

export const importView = view(listImports, {
  path: 'imports',
  title: 'Imports',
  one: 'import',
  icon: 'upload',
  key: 'I',
  opens: 'imports/{id}',
  record: {
    query: readImport,
    id: 'importId',
    title: 'fileName',
    fields: {},
    sections: [],
    history: 'accounting.import',
  },
  columns: {
    fileName: { as: 'text', label: 'File', drill: 'record', grow: true, pin: true },
    companyName: { as: 'text', label: 'Company' },
    format: { as: 'code' },
    entries: { as: 'count' },
    lines: { as: 'count' },
    status: {
      as: 'status',
      words: {
        reading: { icon: 'loader' },
        checked: { tone: 'warn', icon: 'hand', label: 'Waiting for you' },
        refused: { tone: 'error', icon: 'circle-x' },
        posted: null,
        cancelled: { icon: 'ban' },
      },
    },
    startedAt: { as: 'instant', label: 'Started' },
    startedBy: { as: 'person', label: 'By' },
    sha256: { as: 'hash', label: 'SHA-256', hidden: true },
  },
  filters: [
    {
      field: 'status',
      not: notOf('status'),
      label: 'Status',
      as: 'status',
      choices: ['reading', 'checked', 'refused', 'posted', 'cancelled'].map((value) => ({
        value,
        label: value.charAt(0).toUpperCase() + value.slice(1),
      })),
    },
  ],
  views: [{ name: 'Waiting', where: { status: 'checked' }, count: true }],
  actions: { create: { label: 'Import SAF-T', path: 'imports/new', needs: startImport } },
  empty: 'No file has been imported. A SAF-T file has the accounts, entries and balances of another system.',
});
