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
const ruleFields = {
  first: { label: 'A person who may', as: 'choice', choices, width: 'full', required: true },
  second: { label: 'should not also', as: 'choice', choices, width: 'full', required: true },
  risk: { label: 'Risk', width: 'full', required: true },
  mitigation: {
    label: 'Compensating control',
    width: 'full',
    hint: 'Must be named when both are given. Leave empty if none is enough.',
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
    firstTitle: { as: 'text', label: 'A person who may' },
    secondTitle: { as: 'text', label: 'should not also' },
    risk: { as: 'text', label: 'Risk', grow: true },
    onDocument: {
      as: 'status',
      label: 'Applies per',
      words: { true: { label: 'Document', icon: 'file-text' }, false: { label: 'Person', icon: 'user' } },
    },
    mitigation: { as: 'text', label: 'Compensating control', hidden: true },
    builtIn: { as: 'boolean', label: 'Built in', hidden: true },
  },
  actions: {
    create: {
      label: 'New rule',
      action: {
        operation: setSodRule,
        label: 'Set rule',
        ask: { ruleId: { label: 'Short name', hint: 'Lower-case letters, digits and dashes, such as give-and-post.' }, ...ruleFields },
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
        ask: ruleFields,
      },
      {
        operation: removeSodRule,
        label: 'Remove',
        icon: 'trash',
        destructive: true,
        what: 'One person may then hold both permissions without a compensating control.',
        from: { ruleId: 'ruleId' },
      },
    ],
  },
  empty: 'No rules yet. A rule names two permissions that one person should not hold.',
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
    risk: { as: 'text', label: 'Risk', grow: true },
    firstThrough: { as: 'code', label: 'Through', each: 'roleName' },
    secondThrough: { as: 'code', label: 'And through', each: 'roleName' },
    mitigation: { as: 'text', label: 'Compensating control' },
    since: { as: 'instant' },
  },
  empty: 'No violations. Nobody holds two permissions that a rule keeps apart.',
});
