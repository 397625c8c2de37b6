import type { FilterDeclaration } from '@daybook/kernel';

/** Members and service accounts are active or deactivated: how their lists are filtered by it. */
export const statusFilter: FilterDeclaration = {
  field: 'status',
  label: 'Status',
  as: 'status',
  choices: [
    { value: 'active', label: 'Active' },
    { value: 'deactivated', label: 'Deactivated' },
  ],
};
