import { answers, projectionOf, recordTable } from '@daybook/projections';
import { customFieldEvents } from './custom-field.events.js';
import { listCustomFields, readCustomField } from './custom-field.operations.js';
import { customField } from './custom-field.record.js';

export const customFields = recordTable(customField, [listCustomFields]);
export const customFieldProjection = projectionOf(customFields, customFieldEvents);
export const customFieldAnswers = [answers(listCustomFields, customFields), answers(readCustomField, customFields)];
