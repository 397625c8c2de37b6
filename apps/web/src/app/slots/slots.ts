import type { Type } from '@angular/core';
import { EntrySource } from './entry-source';

/** What is special about a record, by the name its view declares. A slot takes one input: `row`, the record. */
export const slots: Readonly<Record<string, Type<unknown>>> = {
  source: EntrySource,
};
