import { asOneLine } from '@daybook/kernel';
import type { Message } from '@daybook/mail';
import { type Injected, mailTemplateOf, People, PUBLIC_URL, READS } from '@daybook/server';
import { personReading, ReadableRecords } from '@daybook/server/record/readable-records';
import * as z from 'zod';
import { keyOf } from '../thread/thread.binding.js';
import { notifications } from './notification.projection.js';

const using = { records: ReadableRecords, people: People, reads: READS, publicUrl: PUBLIC_URL } as const;
const posted = z.object({ tenant: z.uuid(), notificationId: z.uuid() });
export const notificationTemplateName = 'collaboration.notification';
export const notificationValue = (value: z.output<typeof posted>): string => JSON.stringify(value);

/** Composed when it is sent: nothing for somebody who lost the right to read the record, or left. */
export const notificationTemplate = mailTemplateOf(notificationTemplateName, 48, using, async (value, given) => {
  const { tenant, notificationId } = posted.parse(JSON.parse(value));
  return given.reads.read(tenant, null, async (read) => {
    const notification = await read.db
      .selectFrom(read.rows(notifications).as('n'))
      .selectAll('n')
      .where('n.notificationId', '=', notificationId)
      .executeTakeFirst();
    if (!notification) return null;
    const record = await given.records.find(read, personReading(tenant, notification.personId), keyOf(notification));
    const people = await given.people.addressesOf(tenant, [notification.personId, notification.byId]);
    const to = people.find(({ id }) => id === notification.personId);
    if (!record || !to) return null;
    const by = people.find(({ id }) => id === notification.byId)?.name ?? 'Somebody';
    const text = textOf(notification.kind, by, `the ${record.one} ${record.title ?? ''}`.trim());
    return messageTo(to.email, notification.personId, text, record.address, given);
  });
});

const textOf = (kind: 'mention' | 'comment' | 'change', by: string, record: string): string =>
  ({
    mention: `${by} mentioned you in a comment on ${record}`,
    comment: `${by} commented on ${record}`,
    change: `${by} changed ${record}`,
  })[kind];

/** Says who and which record, never what was written: others may read a mail. */
function messageTo(
  email: string,
  about: string,
  text: string,
  address: string | null,
  { publicUrl }: Pick<Injected<typeof using>, 'publicUrl'>,
): Message {
  const line = asOneLine(text);
  const link = `${publicUrl}/${address ?? ''}`;
  return {
    to: email,
    about,
    subject: line.length > 120 ? `${line.slice(0, 117)}...` : line,
    text: `${line}.\n\nOpen it in Daybook:\n${link}\n\nYou receive this because you are mentioned, or follow this record.\n`,
  };
}
