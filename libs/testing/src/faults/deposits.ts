import { job } from '@daybook/jobs';
import {
  accept,
  assertNever,
  command,
  type CommandOf,
  type Decider,
  done,
  dueAt,
  event,
  type EventsOf,
  nameId,
  process,
  processDue,
  remember,
  send,
  streamName,
} from '@daybook/kernel';
import { projection, put, change, patch, tableOf, when } from '@daybook/projections';
import { decide } from '@daybook/server/binding';
import { recordProcessDueBinding } from '@daybook/server/platform/process-due.job';
import * as z from 'zod';

/*
 * What the smallest program does. A deposit into an account gets the next number of its account; a process books a receipt for it
 * and counts it at the desk, which are streams of their own, waits by a job for its moment, and settles the receipt then. Booking
 * starts another job, which stamps the receipt.
 */
const whole = z.int();
const id = z.string();
const act = <N extends string, S extends z.ZodObject>(name: N, input: S) =>
  command(name, { title: name, http: `POST /v1/${name}`, says: 'did it', input });

// ── accounts ──────────────────────────────────────────────────────────────────────────────────────────────
export const deposit = act('faults.account.deposit', z.object({ accountId: id, depositId: id, amount: whole }));
export const deposited = event('faults.deposited', {
  data: z.object({ accountId: id, depositId: id, amount: whole, number: whole }),
  record: ({ accountId }) => ({ type: 'faults.account', id: accountId }),
});
const accountEvents = [deposited] as const;
const accountDecider: Decider<number, CommandOf<typeof deposit>, EventsOf<typeof accountEvents>> = {
  initial: 0,
  decide: ({ input }, count) => accept(input.accountId, count + 1, deposited.of({ ...input, number: count + 1 })),
  evolve: (count) => count + 1,
};
export const accountStream = (tenant: string, accountId: string): string =>
  streamName('faults.account', tenant, accountId);
const accounts = decide({
  operations: [deposit],
  decider: accountDecider,
  events: accountEvents,
  stream: ({ accountId }, { tenant }) => accountStream(tenant, accountId),
});

// ── receipts ──────────────────────────────────────────────────────────────────────────────────────────────
const ofReceipt = { record: ({ receiptId }: { receiptId: string }) => ({ type: 'faults.receipt', id: receiptId }) };
export const bookReceipt = act('faults.receipt.book', z.object({ receiptId: id, accountId: id, amount: whole }));
export const settleReceipt = act('faults.receipt.settle', z.object({ receiptId: id }));
export const stampReceipt = act('faults.receipt.stamp', z.object({ receiptId: id }));
export const stampJob = job('faults.stamp', {
  title: 'Stamp a receipt',
  input: z.object({ receiptId: id }),
  attempts: 1_000,
  timeoutSeconds: 60,
});
export const receiptBooked = event('faults.receipt-booked', {
  data: z.object({ receiptId: id, accountId: id, amount: whole }),
  ...ofReceipt,
});
export const receiptSettled = event('faults.receipt-settled', { data: z.object({ receiptId: id }), ...ofReceipt });
export const receiptStamped = event('faults.receipt-stamped', { data: z.object({ receiptId: id }), ...ofReceipt });
const receiptEvents = [receiptBooked, receiptSettled, receiptStamped] as const;
const receiptCommands = [bookReceipt, settleReceipt, stampReceipt] as const;
type ReceiptCommand = CommandOf<(typeof receiptCommands)[number]>;
/** Refuses nothing, so that what is done twice shows. */
const receiptDecider: Decider<number, ReceiptCommand, EventsOf<typeof receiptEvents>> = {
  initial: 0,
  decide: (given, count) => {
    const { receiptId } = given.input;
    switch (given.name) {
      case 'faults.receipt.book':
        return accept(receiptId, count + 1, receiptBooked.of(given.input));
      case 'faults.receipt.settle':
        return accept(receiptId, count + 1, receiptSettled.of(given.input));
      case 'faults.receipt.stamp':
        return accept(receiptId, count + 1, receiptStamped.of(given.input));
      default:
        return assertNever(given);
    }
  },
  evolve: (count) => count + 1,
};
const receipts = decide({
  operations: receiptCommands,
  decider: receiptDecider,
  events: receiptEvents,
  stream: ({ receiptId }, { tenant }) => streamName('faults.receipt', tenant, receiptId),
  afterwards: async ({ name, input: { receiptId } }, { tenant, actor, correlationId }, { jobs }) => {
    if (name !== bookReceipt.name) return;
    const envelope = { tenant, actor, correlationId };
    await jobs.start(stampJob, { receiptId }, envelope, nameId(tenant, stampJob.name, receiptId));
  },
});

// ── the desk: one stream that all processes of a tenant write to ───────────────────────────────────────────
export const countReceipt = act('faults.desk.count', z.object({ deskId: id, receiptId: id }));
export const receiptCounted = event('faults.receipt-counted', {
  data: z.object({ deskId: id, receiptId: id, number: whole }),
  record: ({ deskId }) => ({ type: 'faults.desk', id: deskId }),
});
const deskEvents = [receiptCounted] as const;
const deskDecider: Decider<number, CommandOf<typeof countReceipt>, EventsOf<typeof deskEvents>> = {
  initial: 0,
  decide: ({ input }, count) => accept(input.deskId, count + 1, receiptCounted.of({ ...input, number: count + 1 })),
  evolve: (count) => count + 1,
};
const desk = decide({
  operations: [countReceipt],
  decider: deskDecider,
  events: deskEvents,
  stream: ({ deskId }, { tenant }) => streamName('faults.desk', tenant, deskId),
});

export const bindings = [accounts, receipts, desk, recordProcessDueBinding];
export const events = [...accountEvents, ...receiptEvents, ...deskEvents, processDue];

export const receiptProcess = process('faults.receipts', {
  title: 'Book and settle receipts',
  version: 1,
  initial: { accountId: '' },
  on: (when, due) => [
    when(deposited, 'depositId', ({ data: { depositId, accountId, amount }, meta, recordedAt }) => [
      remember({ accountId }),
      send('book', bookReceipt, { receiptId: depositId, accountId, amount }),
      send('count', countReceipt, { deskId: meta.tenant, receiptId: depositId }),
      dueAt('settle', recordedAt),
    ]),
    due('settle', ({ data: { instance } }) => [send('settle', settleReceipt, { receiptId: instance }), done()]),
  ],
});

// ── read models ───────────────────────────────────────────────────────────────────────────────────────────
export const accountRows = tableOf('accounts', z.object({ accountId: id, total: whole, deposits: whole }), [
  'accountId',
]);
export const receiptRows = tableOf('receipts', z.object({ receiptId: id, state: z.enum(['booked', 'settled']) }), [
  'receiptId',
]);
export const accountProjection = projection({
  name: 'accounts',
  version: 1,
  tables: [accountRows],
  on: [
    when(deposited, ({ data: { accountId, amount } }) => [
      change(accountRows, { accountId }, (row) => ({
        accountId,
        total: (row?.total ?? 0) + amount,
        deposits: (row?.deposits ?? 0) + 1,
      })),
    ]),
  ],
});
export const receiptProjection = projection({
  name: 'receipts',
  version: 1,
  tables: [receiptRows],
  on: [
    when(receiptBooked, ({ data: { receiptId } }) => [put(receiptRows, { receiptId, state: 'booked' as const })]),
    when(receiptSettled, ({ data: { receiptId } }) => [
      patch(receiptRows, { receiptId }, () => ({ state: 'settled' as const })),
    ]),
  ],
});
export const projections = [accountProjection, receiptProjection];
