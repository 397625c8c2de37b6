import type { Type } from '@angular/core';
import { ApprovalInput } from './approval-input';
import { EntrySource } from './entry-source';
import { PersonalData } from './personal-data';

/** What is special about a record, by the name its view declares. A slot takes one input: `row`, the record. */
export const slots: Readonly<Record<string, Type<unknown>>> = {
  'approval-input': ApprovalInput,
  'personal-data': PersonalData,
  source: EntrySource,
};
