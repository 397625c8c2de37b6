import { newId } from '@daybook/kernel';
import { type EventReader, StateCache } from '@daybook/server';
import { invitationStatuses } from './invitation-status.js';

const tenant = newId();
const [first, second] = [newId(), newId()];

/** A log in memory that counts what is read of it: each event is one address to open. */
class CountedLog {
  read = 0;
  epoch = 0;
  events: { type: string; data: { invitationId: string } }[] = [];
  readonly reader: EventReader = Object.assign({} as EventReader, {
    stream: (_: string, { from = 0 }: { from?: number } = {}) => this.from(from),
  });
  private readonly states: StateCache;
  constructor() {
    Object.defineProperty(this.reader, 'epoch', { get: () => this.epoch });
    this.states = new StateCache({
      events: this.reader,
      lastRevisions: async (streams) => streams.map(() => this.events.length - 1),
      logWentBack: async () => undefined,
    });
  }
  async statusOf(invitationId: string) {
    return (await this.states.of(invitationStatuses).current(tenant)).get(invitationId) ?? null;
  }
  add(what: 'sent' | 'accepted' | 'withdrawn', invitationId: string): void {
    this.events.push({ type: `identity.invitation-${what}`, data: { invitationId } });
  }
  private async *from(from: number) {
    for (const [revision, event] of [...this.events.entries()].slice(from)) {
      await Promise.resolve();
      this.read += 1;
      yield { ...event, revision };
    }
  }
}

describe('previewing invitations', () => {
  it('unseals each address of a tenant once, for any number of previews', async () => {
    const log = new CountedLog();
    for (let i = 0; i < 50; i++) log.add('sent', newId());
    log.add('sent', first);
    for (let i = 0; i < 20; i++) expect(await log.statusOf(first)).toBe('sent');
    expect(log.read).toBe(51);
    log.add('sent', second);
    log.add('withdrawn', first);
    expect(await log.statusOf(first)).toBe('withdrawn');
    expect(log.read).toBe(53);
    expect(await log.statusOf(newId())).toBeNull();
  });

  it('answers concurrent previews with the latest status', async () => {
    const log = new CountedLog();
    log.add('sent', first);
    log.add('accepted', first);
    const looks = Array.from({ length: 5 }, () => log.statusOf(first));
    expect(await Promise.all(looks)).toEqual(looks.map(() => 'accepted'));
  });

  it('reads again from the start when the log was replaced', async () => {
    const log = new CountedLog();
    log.add('sent', first);
    await log.statusOf(first);
    log.events = [];
    log.epoch += 1;
    expect(await log.statusOf(first)).toBeNull();
  });
});
