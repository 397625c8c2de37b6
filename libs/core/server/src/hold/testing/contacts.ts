import {
  accept,
  assertNever,
  command,
  commandIdOf,
  type CommandOf,
  type CommandResult,
  type Decider,
  event,
  type EventsOf,
  isRejection,
  newId,
  type Rejection,
  reject,
  series,
  streamName,
} from '@daybook/kernel';
import type { EventStore } from '@daybook/event-store';
import * as z from 'zod';
import { type ByCommand } from '@daybook/kernel';
import { CommandExecutor, type CommandExecutorOptions, newIdOf } from '../../command/command-executor.js';
import { type Caller, decide, type OperationContext } from '../../context.js';
import { plainCatalogue } from '../../testing/memory-store.js';
import { holdEvents } from '../hold.events.js';
import { numberOf } from '../numbers.js';
import { uniqueField } from '../unique-field.js';

/*
 * Contacts, each in a stream of its own: a number, a code that is unique in the tenant, and an e-mail address that is unique
 * and personal.
 */
const data = z.object({ contactId: z.string(), code: z.string().nullable(), email: z.string().nullable() });
const record = ({ contactId }: { contactId: string }) => ({ type: 'crm.contact', id: contactId });
export const contactCreated = event('crm.contact-created', { data: data.extend({ number: z.string() }), record });
export const contactChanged = event('crm.contact-changed', { data, record });
export const contactRemoved = event('crm.contact-removed', { data: z.object({ contactId: z.string() }), record });
export const contactEvents = [contactCreated, contactChanged, contactRemoved] as const;
type ContactEvent = EventsOf<typeof contactEvents>;

const fields = { code: z.string().nullable(), email: z.string().nullable() };
export const createContact = command('crm.contact.create', {
  title: 'Create a contact',
  http: 'POST /v1/crm/contacts',
  says: 'created a contact',
  input: z.object(fields),
});
export const changeContact = command('crm.contact.change', {
  title: 'Change a contact',
  http: 'PUT /v1/crm/contacts/{contactId}',
  says: 'changed a contact',
  input: z.object({ contactId: z.string(), ...fields }),
});
export const removeContact = command('crm.contact.remove', {
  title: 'Remove a contact',
  http: 'POST /v1/crm/contacts/{contactId}/remove',
  says: 'removed a contact',
  input: z.object({ contactId: z.string() }),
});
const contactCommands = [createContact, changeContact, removeContact] as const;
type ContactCommand = CommandOf<(typeof contactCommands)[number]>;

export type Contact = { readonly status: 'absent' | 'removed' } | ({ readonly status: 'there' } & z.infer<typeof data>);
interface ContactFacts {
  'crm.contact.create': { number: string };
}

export const contactDecider: Decider<Contact, ContactCommand, ContactEvent, ByCommand<ContactFacts>> = {
  initial: { status: 'absent' },
  decide: (given, state, { newId: contactId }, facts) => {
    if (given.name === 'crm.contact.create') {
      return state.status === 'absent'
        ? accept(contactId, 1, contactCreated.of({ contactId, ...given.input, number: facts?.number ?? '' }))
        : reject('crm.contact-exists', 'This contact exists.');
    }
    if (state.status !== 'there') return reject('crm.contact-not-found', 'There is no such contact.', { status: 404 });
    const changed: ContactEvent =
      given.name === 'crm.contact.change' ? contactChanged.of(given.input) : contactRemoved.of(given.input);
    return accept(state.contactId, 2, changed);
  },
  evolve: (_state, given) => {
    switch (given.type) {
      case 'crm.contact-created':
      case 'crm.contact-changed': {
        const { contactId, code, email } = given.data;
        return { status: 'there', contactId, code, email };
      }
      case 'crm.contact-removed':
        return { status: 'removed' };
      default:
        return assertNever(given);
    }
  },
};

const valueOf = (field: 'code' | 'email') => (state: Contact) =>
  state.status === 'there' ? { owner: state.contactId, value: state[field] } : null;

export const contactNumbers = series('crm.contact', { by: 'year', prefix: 'C' });
export const contacts = decide({
  operations: contactCommands,
  decider: contactDecider,
  events: contactEvents,
  stream: (input, { tenant }, id) => contactStream(tenant, 'contactId' in input ? input.contactId : id),
  facts: { 'crm.contact.create': { number: { held: ({ now }) => numberOf(contactNumbers, { day: now }) } } },
  unique: [
    uniqueField({ name: 'crm.contact.code', pointer: '/code', label: 'code', of: valueOf('code') }),
    uniqueField({
      name: 'crm.contact.email',
      pointer: '/email',
      label: 'address',
      of: valueOf('email'),
      personal: true,
    }),
  ],
});
export const contactStream = (tenant: string, id: string): string => streamName('crm.contact', tenant, id);
export const contactCatalogue = plainCatalogue([...contactEvents, ...holdEvents]);

export const callerIn = (tenant: string): Caller => ({
  tenant,
  actor: { kind: 'person', id: 'ada' },
  channel: 'rest',
  address: null,
  correlationId: 'trace',
  reason: null,
});

/** One process: an executor over a store that several may share. */
export class Desk {
  readonly executor: CommandExecutor;
  readonly unsettled: unknown[] = [];
  constructor(
    readonly tenant: string,
    store: EventStore,
    more: Partial<CommandExecutorOptions> = {},
  ) {
    this.executor = new CommandExecutor({
      store,
      catalogue: contactCatalogue,
      context: {} as OperationContext,
      secret: 'a secret of more than thirty-two characters',
      onUnsettled: (error) => void this.unsettled.push(error),
      ...more,
    });
  }

  create = (code: string | null, { email = null, key = newId() }: { email?: string | null; key?: string } = {}) =>
    this.send(createContact, { code, email }, key);
  change = (
    contactId: string,
    code: string | null,
    { email = null, key = newId() }: { email?: string | null; key?: string } = {},
  ) => this.send(changeContact, { contactId, code, email }, key);
  remove = (contactId: string, key = newId()) => this.send(removeContact, { contactId }, key);
  rehearse = (code: string | null, email: string | null = null) =>
    this.executor.rehearse(contacts, this.call(createContact, { code, email }, newId()));

  send(operation: (typeof contactCommands)[number], input: object, key: string): Promise<CommandResult | Rejection> {
    return this.executor.execute(contacts, this.call(operation, input, key));
  }

  private call(operation: (typeof contactCommands)[number], input: object, key: string) {
    const commandId = commandIdOf(this.tenant, 'ada', operation.name, key);
    return {
      operation,
      input: input as Record<string, unknown>,
      caller: callerIn(this.tenant),
      commandId,
      newId: newIdOf(commandId),
      causationId: null,
      expectedVersion: null,
    };
  }
}

export const done = (answer: CommandResult | Rejection): CommandResult => {
  if (isRejection(answer)) throw new Error(`${answer.code}: ${answer.message}`);
  return answer;
};

/** Sends a command again while it is told that others are busy, as clients do. */
export async function untilDecided(send: () => Promise<CommandResult | Rejection>): Promise<CommandResult | Rejection> {
  for (;;) {
    const answer = await send();
    if (!isRejection(answer) || answer.code !== 'platform.busy') return answer;
  }
}

/** What 25 writers send at once: some with codes and addresses that others want too. Sent again under the same name, a repeat. */
export const createMany = (desk: Desk, name: string): Promise<(CommandResult | Rejection)[]> =>
  Promise.all(
    Array.from({ length: 25 }, (_, i) => {
      const email = i % 3 === 0 ? `x${i % 4}@example.org` : null;
      return untilDecided(() => desk.create(i % 2 === 0 ? `code ${i % 5}` : null, { email, key: `${name} ${i}` }));
    }),
  );
