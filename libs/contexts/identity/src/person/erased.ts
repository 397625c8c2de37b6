import { platformTenant, streamName } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { personErased } from './person.events.js';

export const personStream = (personId: string): string => streamName('identity.person', platformTenant, personId);

/** Was this person erased? Then they are unknown, and nothing can be added to them. */
export async function isErased(events: EventReader, personId: string): Promise<boolean> {
  for await (const { type } of events.stream(personStream(personId))) {
    if (type === personErased.name) return true;
  }
  return false;
}
