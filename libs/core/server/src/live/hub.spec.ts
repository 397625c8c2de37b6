import { setTimeout as sleep } from 'node:timers/promises';
import { accessOfPerson, grantOf } from '../testing/access.js';
import { reject } from '@daybook/kernel';
import type { Access, EffectiveGrant } from '../dispatch/access.js';
import { type Hint, LiveHub } from './hub.js';
import { type LiveOptions, streamHints } from './stream.js';

const tenant = 'a';
const hintAt = (position: number, more: Partial<Hint> = {}): Hint => ({
  tenant,
  channel: 'notes.note.list',
  ids: [],
  position: String(position),
  ...more,
});

function listen(hub: LiveHub, lastSeen: bigint | null) {
  const heard: string[] = [];
  const stop = hub.subscribe({ hint: (h) => heard.push(h.position), reset: () => heard.push('reset') }, lastSeen);
  return { heard, stop };
}

describe('the hub of live hints', () => {
  it('delivers new hints, and missed ones to a reader who resumes', () => {
    const hub = new LiveHub();
    hub.restart(0n);
    const first = listen(hub, null);
    for (const position of [1, 2, 2, 3]) hub.publish(hintAt(position));
    expect(first.heard).toEqual(['1', '2', '2', '3']);
    // Several hints can share the last position seen, so it is replayed too.
    expect(listen(hub, 2n).heard).toEqual(['2', '2', '3']);
    first.stop();
    hub.publish(hintAt(4));
    expect(first.heard).toHaveLength(4);
  });

  it('sends reset to a reader who resumes from before the buffer or before this process listened', () => {
    const hub = new LiveHub(2);
    expect(listen(hub, 1n).heard).toEqual(['reset']);
    hub.restart(10n);
    for (const position of [11, 12, 13]) hub.publish(hintAt(position));
    expect(listen(hub, 10n).heard).toEqual(['reset']);
    expect(listen(hub, 12n).heard).toEqual(['12', '13']);
  });

  it('sends reset to a reader who resumes from a later position than there is, as after the log was replaced', () => {
    const hub = new LiveHub();
    hub.restart(10n);
    expect(listen(hub, 11n).heard).toEqual(['reset']);
    hub.publish(hintAt(11));
    expect(listen(hub, 11n).heard).toEqual(['11']);
  });

  it('sends reset to all readers when its own connection was interrupted', () => {
    const hub = new LiveHub();
    hub.restart(0n);
    const reader = listen(hub, null);
    hub.restart(9n);
    expect(reader.heard).toEqual(['reset']);
  });
});

describe('a live stream', () => {
  const until = async (so: () => boolean): Promise<void> => {
    for (let waited = 0; !so() && waited < 10_000; waited += 5) await sleep(5);
  };
  const access = (seconds: number): Access =>
    accessOfPerson(tenant, 'ada', ['notes.note.read'], {
      expiresAt: new Date(Date.now() + seconds * 1000).toISOString(),
    });
  interface Given {
    seconds?: number;
    lastEventId?: string;
    pending?: number;
    allRows?: string;
    namesNothing?: boolean;
    accessNow?: LiveOptions['accessNow'];
  }
  const open = (hub: LiveHub, options: Given = {}) => {
    const sink = { text: '', ended: false };
    const opened = access(options.seconds ?? 60);
    const stop = streamHints({
      hub,
      access: opened,
      accessNow: options.accessNow ?? (async () => opened),
      allRowsOf: (channel) => (channel === 'notes.note.list' ? (options.allRows ?? null) : null),
      namesNothing: () => options.namesNothing ?? false,
      permissionOf: (channel) =>
        channel === 'notes.note.list' ? 'notes.note.read' : channel === 'secret' ? 'secret.read' : undefined,
      stamp: async () => ({ position: '5', trail: '3' }),
      lastEventId: options.lastEventId ?? null,
      sink: {
        write: (text) => (sink.text += text),
        pending: () => options.pending ?? 0,
        end: () => (sink.ended = true),
      },
      heartbeatMs: 20,
    });
    return { sink, stop };
  };

  it('carries hints of the tenant for channels that the reader may list, with the position as id', async () => {
    const hub = new LiveHub();
    hub.restart(0n);
    const { sink, stop } = open(hub);
    hub.publish(hintAt(1, { ids: ['x'] }));
    hub.publish(hintAt(2, { tenant: 'b' }));
    hub.publish(hintAt(3, { channel: 'secret' }));
    hub.publish(hintAt(4, { channel: 'unknown' }));
    await sleep(10);
    stop();
    expect(sink.text.match(/event: hint\n.*/g)).toEqual([
      'event: hint\ndata: {"channel":"notes.note.list","ids":["x"],"position":"1"}',
    ]);
    expect(sink.text).toContain('id: 1\nevent: hint');
    expect(sink.ended).toBe(true);
  });

  it('names no records to a reader who does not see every row, and all to one who does', async () => {
    const hub = new LiveHub();
    hub.restart(0n);
    const allRows = 'notes.note.read-all';
    const manager = accessOfPerson(tenant, 'bo', ['notes.note.read', allRows]);
    const [limited, all] = [open(hub, { allRows }), open(hub, { allRows, accessNow: async () => manager })];
    hub.publish(hintAt(1, { ids: ['x'] }));
    await until(() => [limited, all].every(({ sink }) => sink.text.includes('event: hint')));
    for (const { stop } of [limited, all]) stop();
    expect(limited.sink.text).toContain('"ids":[]');
    expect(all.sink.text).toContain('"ids":["x"]');
  });

  it('names no records to a reader with the permission in single companies only', async () => {
    const hub = new LiveHub();
    hub.restart(0n);
    const inOne = grantOf(['notes.note.read'], { companyId: 'a' });
    const ownAccount = grantOf(['identity.own-session.list']);
    const { sink, stop } = open(hub, { accessNow: async () => ({ ...access(60), grants: [inOne, ownAccount] }) });
    hub.publish(hintAt(1, { ids: ['x'] }));
    await sleep(50);
    stop();
    expect(sink.text).toContain('data: {"channel":"notes.note.list","ids":[],"position":"1"}');
  });

  it('names nothing to anybody of what is kept about records of any type', async () => {
    const hub = new LiveHub();
    hub.restart(0n);
    const { sink, stop } = open(hub, { namesNothing: true });
    hub.publish(hintAt(1, { ids: ['x'] }));
    await until(() => sink.text.includes('event: hint'));
    stop();
    expect(sink.text).toContain('data: {"channel":"notes.note.list","ids":[],"position":"1"}');
  });

  it('stops sending hints when the permission is revoked, and ends when the token is invalid', async () => {
    const hub = new LiveHub();
    hub.restart(0n);
    let grants: readonly EffectiveGrant[] | null = [grantOf(['notes.note.read'])];
    const accessNow = async () =>
      grants === null ? reject('platform.unauthenticated', 'no', { status: 401 }) : { ...access(60), grants };
    const { sink } = open(hub, { accessNow });
    const delivers = async (position: number): Promise<boolean> => {
      hub.publish(hintAt(position));
      await sleep(250);
      return sink.text.includes(`id: ${position}\nevent: hint`);
    };
    expect(await delivers(1)).toBe(true);
    grants = [grantOf(['secret.read'])];
    expect([await delivers(2), sink.ended]).toEqual([false, false]);
    grants = null;
    expect([await delivers(3), sink.ended]).toEqual([false, true]);
  });

  it('ends at the heartbeat when the token is invalid or cannot be checked', async () => {
    for (const accessNow of [
      async () => reject('platform.unauthenticated', 'The key is revoked.', { status: 401 }),
      () => Promise.reject(new Error('no database')),
    ]) {
      const { sink } = open(new LiveHub(), { accessNow });
      await sleep(40);
      expect([sink.ended, sink.text]).toEqual([true, 'retry: 2000\n\n']);
    }
  });

  it('checks the rights of a reader a few times a second, however many hints there are', async () => {
    const hub = new LiveHub();
    hub.restart(0n);
    let asked = 0;
    const accessNow = async () => ((asked += 1), access(60));
    const { sink, stop } = open(hub, { accessNow });
    for (let position = 1; position <= 100; position++) {
      hub.publish(hintAt(position));
      await sleep(2);
    }
    await sleep(250);
    stop();
    expect(sink.text.match(/event: hint/g)).toHaveLength(100);
    expect(asked).toBeLessThan(15);
  });

  it('sends heartbeats with position and trail number, and the last delivered position as id', async () => {
    const hub = new LiveHub();
    hub.restart(4n);
    const { sink, stop } = open(hub);
    await sleep(350);
    stop();
    expect(sink.text.match(/id: 4\nevent: position\ndata: {"position":"5","trail":"3"}/g)!.length).toBeGreaterThan(1);
  });

  it('ends when the token expires', async () => {
    const { sink } = open(new LiveHub(), { seconds: 0.03 });
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(sink.ended).toBe(true);
  });

  it('resumes after the last id seen, and sends reset for an invalid one', async () => {
    const hub = new LiveHub();
    hub.restart(0n);
    hub.publish(hintAt(1));
    hub.publish(hintAt(2));
    const resumed = open(hub, { lastEventId: '2' });
    await sleep(10);
    expect(resumed.sink.text).toContain('id: 2');
    expect(resumed.sink.text).not.toContain('id: 1');
    const strange = open(hub, { lastEventId: 'x' });
    await sleep(10);
    expect(strange.sink.text).toContain('event: reset');
    resumed.stop();
    strange.stop();
  });

  it('disconnects a reader that does not read', () => {
    const hub = new LiveHub();
    const { sink } = open(hub, { pending: 2_000_000 });
    expect(sink.ended).toBe(true);
    hub.publish(hintAt(1));
    expect(sink.text).not.toContain('hint');
  });
});
