import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, streamName } from '@daybook/kernel';
import { makeAuthority } from '@daybook/postgres/testing/certificates';
import { StoreUnavailable } from '../store-unavailable.js';
import { noteFor } from '../testing/events.js';
import {
  type DoubleOptions,
  type EventStoreDbDouble,
  startEventStoreDbDouble,
} from '../testing/eventstoredb-double.js';
import { outageContract } from '../testing/outage-contract.js';
import { openEventStoreDb } from './eventstoredb-event-store.js';

describe('EventStoreDB while its server is unavailable', () => {
  outageContract('a double', async () => {
    const double = await startEventStoreDbDouble();
    let interruptions = 0;
    const store = openEventStoreDb({
      url: double.url,
      answerMs: 400,
      watchdogMs: 400,
      onInterrupted: () => void (interruptions += 1),
    });
    return {
      store,
      interruptions: () => interruptions,
      refuse: () => double.refuse(),
      restore: () => double.restore(),
      double,
      close: async () => {
        await store.close();
        await double.stop();
      },
    };
  });
});

describe('EventStoreDB at an address', () => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-certificate-'));
  const ca = join(folder, 'ca.pem');
  const authority = makeAuthority('Spec');
  const tls = authority.issue('localhost');
  const stops: (() => Promise<void>)[] = [];
  beforeAll(() => writeFileSync(ca, authority.certificate));
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const tenant = newId();
  const stream = streamName('spec.note', tenant, 'x');
  const double = async (options: DoubleOptions = {}): Promise<EventStoreDbDouble> => {
    const started = await startEventStoreDbDouble(options);
    stops.push(() => started.stop());
    return started;
  };
  /** Appends and reads; returns the revision, or the error. */
  const use = async (url: string): Promise<number | StoreUnavailable> => {
    const store = openEventStoreDb({ url, answerMs: 4_000 });
    stops.unshift(() => store.close());
    try {
      await store.head();
      const outcome = await store.append(stream, 'any', [noteFor(tenant)]);
      return outcome.kind === 'appended' ? outcome.revision : -1;
    } catch (error) {
      if (error instanceof StoreUnavailable) return error;
      throw error;
    }
  };
  const sentence = async (url: string): Promise<string> => {
    const error = await use(url);
    expect(error).toBeInstanceOf(StoreUnavailable);
    const { message } = error as StoreUnavailable;
    expect(message).not.toMatch(/hunter2|\n/);
    expect(message).toContain('EVENTSTORE_URL');
    return message;
  };

  it('works over TLS, with a user, with several hosts, and with cluster discovery', async () => {
    const secure = await double({ tls, user: 'admin:a:hunter2' });
    const trusted = `tls=true&tlsCAFile=${encodeURIComponent(ca)}`;
    expect(await use(`esdb://admin:a:hunter2@localhost:${secure.port}?${trusted}`)).toBe(0);
    expect(await use(`esdb://admin:a:hunter2@localhost:${secure.port},localhost:1?${trusted}`)).toBe(1);
    const plain = await double();
    expect(await use(`esdb://127.0.0.1:1,127.0.0.1:${plain.port}?tls=false`)).toBe(0);
    expect(await use(`esdb+discover://localhost:${plain.port}?tls=false`)).toBe(1);
  });

  it('does not mistake a server error for a missing event', async () => {
    const faulty = await double();
    const store = openEventStoreDb({ url: faulty.url });
    stops.unshift(() => store.close());
    const outcome = await store.append(stream, 'any', [noteFor(tenant)]);
    const position = outcome.kind === 'appended' ? outcome.position : 0n;
    faulty.failReads(1);
    expect((await store.eventAt(position))?.position).toBe(position);
    // A server that refuses only the position: no event begins there.
    faulty.failReads(2);
    expect(await store.eventAt(position + 7n)).toBeNull();
  });

  it('reports in one sentence that it is down or its host is unknown', async () => {
    expect(await sentence('esdb://u:hunter2@127.0.0.1:1?tls=false')).toBe(
      'The event store at 127.0.0.1:1 does not answer: start it, or correct EVENTSTORE_URL.',
    );
    expect(await sentence('esdb://u:hunter2@127.0.0.1:1,127.0.0.1:2?tls=false&maxDiscoverAttempts=1')).toContain(
      'No node of the event store at 127.0.0.1:1, 127.0.0.1:2 answers',
    );
    expect(await sentence('esdb://u:hunter2@no-such-host.invalid?tls=false')).toContain('is not known');
  });

  it('reports that TLS in the address does not match the server', async () => {
    const [plain, secure] = [await double(), await double({ tls })];
    expect(await sentence(`esdb://u:hunter2@127.0.0.1:${plain.port}?tls=true`)).toContain('does not speak TLS');
    expect(await sentence(`esdb://u:hunter2@127.0.0.1:${secure.port}?tls=false`)).toContain('take tls=false out');
    expect(await sentence(`esdb://u:hunter2@127.0.0.1:${secure.port}`)).toContain('is not trusted');
  });

  it('reports that the user is refused: wrong password, no user, or read-only rights', async () => {
    const secure = await double({ tls, user: 'admin:right', mayWrite: false });
    const at = `@localhost:${secure.port}?tls=true&tlsCAFile=${encodeURIComponent(ca)}`;
    for (const user of ['esdb://admin:hunter2', 'esdb://admin:right']) {
      expect(await sentence(user + at)).toContain('does not let the user in EVENTSTORE_URL in');
    }
    expect(await sentence(`esdb://${at.slice(1)}`)).toContain('anybody without a name');
    const plain = await double({ user: 'admin:right' });
    expect(await sentence(`esdb://admin:right@127.0.0.1:${plain.port}?tls=false`)).toContain(
      'without TLS they are not sent',
    );
  });

  it('reports a certificate file that cannot be read', () => {
    const open = () => openEventStoreDb({ url: 'esdb://a?tlsCAFile=/no/such/file' });
    expect(open).toThrow(StoreUnavailable);
    expect(open).toThrow('The option tlsCAFile of EVENTSTORE_URL names a file that cannot be read: /no/such/file.');
  });
});
