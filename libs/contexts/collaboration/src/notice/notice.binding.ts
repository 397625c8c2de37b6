import { Outbox } from '@daybook/mail';
import { streamName } from '@daybook/kernel';
import { decide, perform } from '@daybook/server';
import { noticeDecider } from './notice.decider.js';
import { noticeEvents } from './notice.events.js';
import { internalCommands, mailNotice } from './notice.internal.js';
import { noticeTemplateName, noticeValue } from './notice.mail.js';

export const noticeBindings = [
  decide({
    operations: internalCommands,
    decider: noticeDecider,
    events: noticeEvents,
    stream: ({ noticeId }, { tenant }) => streamName('collaboration.notice', tenant, noticeId),
    mayChangeNothing: true,
  }),
  /** Puts the mail once, under the id of what the person was told. */
  perform(mailNotice, { outbox: Outbox }, async ({ noticeId }, { caller: { tenant } }, { outbox }) => {
    await outbox.putOnce(noticeId, { template: noticeTemplateName, value: noticeValue({ tenant, noticeId }) });
    return { id: noticeId, version: 1, position: '0' };
  }),
];
