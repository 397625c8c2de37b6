import type { FilterDeclaration } from '@daybook/kernel';

/** The status filter of members and service accounts. */
export const statusFilter: FilterDeclaration = {
  field: 'status',
  label: 'Status',
  as: 'status',
  choices: [
    { value: 'active', label: 'Active' },
    { value: 'deactivated', label: 'Deactivated' },
  ],
};
