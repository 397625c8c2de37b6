import { accept, deciderOf, type EventsOf } from '@daybook/kernel';
import { type noticeEvents, personTold } from './notice.events.js';
import { internalCommands } from './notice.internal.js';

/*
 * What a person is told, in a stream of its own.
 * - They are told once, however many events of a command there are, and however often the process repeats it.
 */
interface NoticeState {
  readonly isTold: boolean;
}

export const noticeDecider = deciderOf<typeof internalCommands, NoticeState, EventsOf<typeof noticeEvents>>({
  commands: internalCommands,
  initial: { isTold: false },
  rules: {
    'collaboration.notice.tell': (notice, { isTold }) =>
      isTold ? accept(notice.noticeId, 1) : accept(notice.noticeId, 1, personTold.of(notice)),
  },
  folds: { 'collaboration.person-told': () => ({ isTold: true }) },
});
