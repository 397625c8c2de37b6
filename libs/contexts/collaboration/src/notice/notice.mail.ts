import { asOneLine } from '@daybook/kernel';
import type { Message } from '@daybook/mail';
import { type Injected, mailTemplateOf, People, PUBLIC_URL, READS } from '@daybook/server';
import { personReading, ReadableRecords } from '@daybook/server/record/readable-records';
import * as z from 'zod';
import { keyOf } from '../thread/thread.binding.js';
import { notices } from './notice.projection.js';

const using = { records: ReadableRecords, people: People, reads: READS, publicUrl: PUBLIC_URL } as const;
const posted = z.object({ tenant: z.uuid(), noticeId: z.uuid() });
export const noticeTemplateName = 'collaboration.notice';
export const noticeValue = (value: z.output<typeof posted>): string => JSON.stringify(value);

/** Composed when it is sent: nothing for somebody who lost the right to read the record, or left. */
export const noticeTemplate = mailTemplateOf(noticeTemplateName, 48, using, async (value, given) => {
  const { tenant, noticeId } = posted.parse(JSON.parse(value));
  return given.reads.read(tenant, null, async (read) => {
    const notice = await read.db
      .selectFrom(read.rows(notices).as('n'))
      .selectAll('n')
      .where('n.noticeId', '=', noticeId)
      .executeTakeFirst();
    if (!notice) return null;
    const record = await given.records.find(read, personReading(tenant, notice.personId), keyOf(notice));
    const people = await given.people.addressesOf(tenant, [notice.personId, notice.byId]);
    const to = people.find(({ id }) => id === notice.personId);
    if (!record || !to) return null;
    const by = people.find(({ id }) => id === notice.byId)?.name ?? 'Somebody';
    const text = textOf(notice.kind, by, `the ${record.one} ${record.title ?? ''}`.trim());
    return messageTo(to.email, notice.personId, text, record.address, given);
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
