import { type Customizable, customFieldsInOrder, isRejection, RejectionError, streamName } from '@daybook/kernel';
import { answer, contextOf, type CustomFieldRegistry, decide } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { contextModule } from '@daybook/server/nest/context.module';
import { Module } from '@nestjs/common';
import { customFieldDecider, type RecordTypes } from './custom-field/custom-field.decider.js';
import { customFieldEvents } from './custom-field/custom-field.events.js';
import { customFieldCommands, listCustomFields, listRecordTypes } from './custom-field/custom-field.operations.js';
import { customFieldAnswers, customFieldProjection } from './custom-field/custom-field.projection.js';
import { customFieldsByType } from './custom-field/custom-field.published.js';
import { customization as face } from './index.js';

const isPersonal = ({ fields }: Customizable): boolean => fields['custom']?.options.personal === true;
const typesOf = ({ customizable }: Bindings): RecordTypes =>
  new Map([...customizable].map(([name, type]) => [name, { one: type.one, personal: isPersonal(type) }]));
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const registry: CustomFieldRegistry = {
  state: customFieldsByType,
  fieldsAt: async (read, recordType) => {
    const found = await read.ask(listCustomFields, { recordType });
    if (isRejection(found)) throw new RejectionError(found);
    return customFieldsInOrder(found.items);
  },
};

/** Customization: the custom fields of a tenant. Their values are in the records themselves. */
const fieldsStream = (tenant: string): string => streamName('customization.fields', tenant, tenant);

export const customization = contextOf(
  face,
  [
    decide({
      operations: customFieldCommands,
      inject: { bindings: Bindings },
      decider: customFieldDecider,
      events: customFieldEvents,
      stream: (_input, { tenant }) => fieldsStream(tenant),
      facts: { binding: (_asking, { bindings }) => typesOf(bindings) },
      mayChangeNothing: true,
    }),
    customFieldProjection,
    ...customFieldAnswers,
    answer(listRecordTypes, { bindings: Bindings }, async (_input, _read, { bindings }) => ({
      items: [...bindings.customizable.values()].map((type) => ({
        name: type.name,
        title: capital(type.many),
        personal: isPersonal(type),
      })),
    })),
  ],
  { events: customFieldEvents, customFields: registry, askedWithRights: (tenant) => [fieldsStream(tenant)] },
);

@Module(contextModule(customization))
export class CustomizationModule {}
