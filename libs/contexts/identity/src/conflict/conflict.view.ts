import { view } from '@daybook/kernel';
import { permissionRows } from '../role/role.view.js';
import { listPermissions } from '../role/role.operations.js';
import { listConflicts, listViolations, removeConflict, setConflict } from './conflict.operations.js';

const choices = {
  query: listPermissions,
  rows: permissionRows,
  value: 'permission',
  label: 'title',
  group: 'group',
} as const;
const facts = {
  first: { label: 'Who may', as: 'choice', choices, width: 'full', required: true },
  second: { label: 'May not also', as: 'choice', choices, width: 'full', required: true },
  risk: { label: 'What could happen', width: 'full', required: true },
  mitigation: {
    label: 'What may make up for it',
    width: 'full',
    hint: 'Who gives both must say so. Empty: nothing does.',
  },
  onDocument: { label: 'Only on the same document', width: 'full' },
} as const;

export const conflictView = view(listConflicts, {
  path: 'duties',
  title: 'Segregation of duties',
  one: 'rule',
  icon: 'scale',
  id: 'conflictId',
  live: ['access'],
  beside: [{ title: 'Violations', path: 'duties/violations', icon: 'triangle-alert', needs: listViolations }],
  columns: {
    conflictId: { as: 'text', label: 'Rule', pin: true },
    firstTitle: { as: 'text', label: 'Who may' },
    secondTitle: { as: 'text', label: 'May not also' },
    risk: { as: 'text', label: 'What could happen', grow: true },
    onDocument: {
      as: 'status',
      label: 'Holds for',
      words: { true: { label: 'Document', icon: 'file-text' }, false: { label: 'Person', icon: 'user' } },
    },
    mitigation: { as: 'text', label: 'Made up for by', hidden: true },
    builtIn: { as: 'boolean', label: 'Built in', hidden: true },
  },
  actions: {
    create: {
      label: 'New rule',
      action: {
        operation: setConflict,
        label: 'Set rule',
        ask: { conflictId: { label: 'Short name', hint: 'Small letters, digits, dashes: give-and-post.' }, ...facts },
      },
    },
    row: [
      {
        operation: setConflict,
        label: 'Change',
        icon: 'pencil',
        key: 'E',
        from: {
          conflictId: 'conflictId', first: 'first', second: 'second', risk: 'risk', mitigation: 'mitigation',
          onDocument: 'onDocument',
        },
        ask: facts,
      },
      {
        operation: removeConflict,
        label: 'Remove',
        icon: 'trash',
        destructive: true,
        what: 'Both may be held by one person from then on, without a word about it.',
        from: { conflictId: 'conflictId' },
      },
    ],
  },
  empty: 'There is no rule. A rule names two permissions that do not belong in one hand.',
}); // prettier-ignore

export const violationView = view(listViolations, {
  path: 'duties/violations',
  title: 'Violations',
  one: 'violation',
  icon: 'triangle-alert',
  id: 'holderId',
  live: ['access'],
  opens: 'users/{holderId}',
  columns: {
    holderName: { as: 'text', label: 'Who', none: 'Erased person', drill: 'record', pin: true },
    conflictId: { as: 'text', label: 'Rule', hidden: true },
    risk: { as: 'text', label: 'What could happen', grow: true },
    firstThrough: { as: 'code', label: 'Through', each: 'roleName' },
    secondThrough: { as: 'code', label: 'And through', each: 'roleName' },
    mitigation: { as: 'text', label: 'Made up for by' },
    since: { as: 'instant' },
  },
  empty: 'Nobody holds two permissions that a rule keeps apart.',
});
