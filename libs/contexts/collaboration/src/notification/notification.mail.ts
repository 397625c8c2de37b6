import { asOneLine } from '@daybook/kernel';
import type { Message } from '@daybook/mail';
import type { RowOf } from '@daybook/projections';
import { type Injected, mailTemplateOf, People, PUBLIC_URL, READS } from '@daybook/server';
import { personReading, type ReadableRecord, ReadableRecords } from '@daybook/server/record/readable-records';
import * as z from 'zod';
import { keyOf } from '../thread/thread.binding.js';
import { threadIdOf } from '../thread/thread.schema.js';
import type { NotificationKind } from './notification.events.js';
import { gatheredMails, notifications } from './notification.projection.js';

/*
 * Composed when they are sent: without records that the person lost the right to read, and not at all where none is left, or
 * they left. A mail says who did it and to which record, never what was written: others may read a mail.
 */
const using = { records: ReadableRecords, people: People, reads: READS, publicUrl: PUBLIC_URL } as const;
type Given = Injected<typeof using>;
type Row = RowOf<typeof notifications>;
const longestWaitHours = 48;
/** A longer mail says that the rest is on Home. */
const most = 50;

export const notificationTemplateName = 'collaboration.notification';
const ofNotification = z.object({ tenant: z.uuid(), notificationId: z.uuid() });
export const notificationTemplate = mailTemplateOf(
  notificationTemplateName,
  longestWaitHours,
  using,
  async (value, given) => {
    const { tenant, notificationId } = ofNotification.parse(JSON.parse(value));
    return given.reads.read(tenant, null, async (read) => {
      const rows = await read.db
        .selectFrom(read.rows(notifications).as('n'))
        .selectAll('n')
        .where('n.notificationId', '=', notificationId)
        .execute();
      if (rows.length === 0) throw notYet();
      const told = await toldIn(rows, rows[0]!.personId, { tenant, read }, given);
      return told && messageAbout(told, given);
    });
  },
);

export const inboxTemplateName = 'collaboration.inbox';
const ofInbox = z.object({ tenant: z.uuid(), personId: z.uuid(), mailId: z.uuid() });
export const inboxTemplate = mailTemplateOf(inboxTemplateName, longestWaitHours, using, async (value, given) => {
  const { tenant, personId, mailId } = ofInbox.parse(JSON.parse(value));
  return given.reads.read(tenant, null, async (read) => {
    const gathered = await read.db
      .selectFrom(read.rows(gatheredMails).as('m'))
      .select('m.mailId')
      .where('m.mailId', '=', mailId)
      .executeTakeFirst();
    if (!gathered) throw notYet();
    const rows = await read.db
      .selectFrom(read.rows(notifications).as('n'))
      .selectAll('n')
      .where('n.personId', '=', personId)
      .where('n.mail', '=', mailId)
      .orderBy('n.at')
      .orderBy('n.notificationId')
      .limit(most + 1)
      .execute();
    const told = await toldIn(rows.slice(0, most), personId, { tenant, read }, given);
    return (
      told &&
      (told.lines.length === 1 && rows.length === 1
        ? messageAbout(told, given)
        : messageOfAll(told, rows.length > most, given))
    );
  });
});

/** Tried again: the read model is behind the process. */
const notYet = (): Error => new Error('The notifications of this mail are not projected yet');

interface Told {
  readonly to: { readonly id: string; readonly email: string };
  readonly lines: readonly {
    readonly kind: NotificationKind;
    readonly by: string;
    readonly record: ReadableRecord;
    readonly thread: string;
  }[];
}
/** What the person may still read of it; null for nothing, and for somebody who left. */
async function toldIn(
  rows: readonly Row[],
  personId: string,
  { tenant, read }: { tenant: string; read: Parameters<ReadableRecords['find']>[0] },
  { records, people }: Given,
): Promise<Told | null> {
  const found = await records.findEach(read, personReading(tenant, personId), rows.map(keyOf));
  const lines = rows.flatMap(({ kind, byId, ...row }, at) => {
    const record = found[at];
    return record ? [{ kind, byId, record, thread: threadIdOf(row) }] : [];
  });
  if (lines.length === 0) return null;
  const known = await people.addressesOf(tenant, [...new Set([personId, ...lines.map(({ byId }) => byId)])]);
  const to = known.find(({ id }) => id === personId);
  const nameOf = (id: string) => known.find((one) => one.id === id)?.name ?? 'Somebody';
  return to ? { to, lines: lines.map(({ byId, ...line }) => ({ ...line, by: nameOf(byId) })) } : null;
}

const did: Readonly<Record<NotificationKind, string>> = {
  mention: 'mentioned you in a comment on',
  comment: 'commented on',
  change: 'changed',
  tag: 'changed the tags of',
  file: 'changed the files of',
  task: 'changed the tasks of',
};
const called = ({ one, title }: ReadableRecord): string => asOneLine(`${one} ${title ?? ''}`.trim());
const cut = (line: string): string => (line.length > 120 ? `${line.slice(0, 117)}...` : line);

function messageAbout({ to, lines }: Told, { publicUrl }: Given): Message {
  const { by, kind, record } = lines[0]!;
  const line = asOneLine(`${by} ${did[kind]} the ${called(record)}`);
  return {
    to: to.email,
    about: to.id,
    subject: cut(line),
    text: `${line}.\n\nOpen it in Daybook:\n${publicUrl}/${record.address ?? ''}\n\n${reason}`,
  };
}

/** Record by record, in the order in which they changed first; who did the same several times is named once. */
function messageOfAll({ to, lines }: Told, hasMore: boolean, { publicUrl }: Given): Message {
  const parts = [...Map.groupBy(lines, ({ thread }) => thread).values()].map((same) => {
    const { record } = same[0]!;
    const said = Map.groupBy(same, ({ by, kind }) => asOneLine(`${by} ${did[kind]} it`));
    const deeds = [...said].map(([line, { length }]) => `- ${line}${length > 1 ? ` (${length} times)` : ''}`);
    return [`The ${called(record)}`, ...deeds, `${publicUrl}/${record.address ?? ''}`].join('\n');
  });
  const subject =
    parts.length === 1
      ? `News about the ${called(lines[0]!.record)}`
      : `News about ${parts.length} records that you follow`;
  const rest = hasMore ? [`There is more on your Home: ${publicUrl}/`] : [];
  return { to: to.email, about: to.id, subject: cut(subject), text: [...parts, ...rest, reason].join('\n\n') };
}
const reason = 'You receive this because you are mentioned, or follow this record.\n';
