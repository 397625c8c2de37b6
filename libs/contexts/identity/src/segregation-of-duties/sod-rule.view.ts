import { view } from '@daybook/kernel';
import { permissionRows } from '../role/role.view.js';
import { listPermissions } from '../role/role.operations.js';
import { listSodRules, listSodViolations, removeSodRule, setSodRule } from './sod-rule.operations.js';

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

export const sodRuleView = view(listSodRules, {
  path: 'segregation-of-duties',
  title: 'Segregation of duties',
  one: 'rule',
  icon: 'scale',
  id: 'ruleId',
  channels: ['access'],
  beside: [{ title: 'Violations', path: 'segregation-of-duties/violations', icon: 'triangle-alert', needs: listSodViolations }],
  columns: {
    ruleId: { as: 'text', label: 'Rule', pin: true },
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
        operation: setSodRule,
        label: 'Set rule',
        ask: { ruleId: { label: 'Short name', hint: 'Small letters, digits, dashes: give-and-post.' }, ...facts },
      },
    },
    row: [
      {
        operation: setSodRule,
        label: 'Change',
        icon: 'pencil',
        key: 'E',
        from: {
          ruleId: 'ruleId', first: 'first', second: 'second', risk: 'risk', mitigation: 'mitigation',
          onDocument: 'onDocument',
        },
        ask: facts,
      },
      {
        operation: removeSodRule,
        label: 'Remove',
        icon: 'trash',
        destructive: true,
        what: 'Both may be held by one person from then on, without a word about it.',
        from: { ruleId: 'ruleId' },
      },
    ],
  },
  empty: 'There is no rule. A rule names two permissions that do not belong in one hand.',
}); // prettier-ignore

export const sodViolationView = view(listSodViolations, {
  path: 'segregation-of-duties/violations',
  title: 'Violations',
  one: 'violation',
  icon: 'triangle-alert',
  id: 'holderId',
  channels: ['access'],
  opens: 'users/{holderId}',
  columns: {
    holderName: { as: 'text', label: 'Who', none: 'Erased person', drill: 'record', pin: true },
    ruleId: { as: 'text', label: 'Rule', hidden: true },
    risk: { as: 'text', label: 'What could happen', grow: true },
    firstThrough: { as: 'code', label: 'Through', each: 'roleName' },
    secondThrough: { as: 'code', label: 'And through', each: 'roleName' },
    mitigation: { as: 'text', label: 'Made up for by' },
    since: { as: 'instant' },
  },
  empty: 'Nobody holds two permissions that a rule keeps apart.',
});
