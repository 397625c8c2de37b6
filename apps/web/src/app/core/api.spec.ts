import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { listEntries, postEntry, reverseEntry } from '@daybook/accounting';
import { listOwnSessions } from '@daybook/identity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { company, entry, house, Refusal, serve, session } from '../../testing/server';
import { addressOf, Api, queryString } from './api';
import { Confirmation } from './confirmation';
import { serverEvents } from './live';
import { ProblemError } from './problem';
import { Session } from './session';

afterEach(() => vi.unstubAllGlobals());
beforeEach(() => TestBed.configureTestingModule({ providers: [provideRouter([])] }));

const reverse = 'POST /v1/accounting/companies/*/entries/*/reverse';
const input = { companyId: company.id, entryId: entry(1).id };

describe('operations over HTTP', () => {
  it('makes the address from the declaration and leaves the rest', () => {
    expect(addressOf('GET /v1/a/{x}/b/{y}', { x: 'one two', y: 1, z: true })).toEqual({
      method: 'GET',
      path: '/v1/a/one%20two/b/1',
      rest: { z: true },
    });
    expect(queryString({ a: ['1', '2'], b: undefined, c: '', d: 3 })).toBe('?a=1&a=2&d=3');
  });

  it('sends key, version and reason, and waits for its own write when it reads', async () => {
    const log = serve({
      ...house(),
      [reverse]: { id: '1', version: 2, position: '77' },
      'GET /v1/accounting/companies/*/entries': { items: [], next: null },
    });
    const api = TestBed.inject(Api);
    await api.execute(reverseEntry, input, { ifMatch: 3, reason: 'Wrong bill', key: 'k1' });
    await api.ask(listEntries, { companyId: company.id });
    const headers = log[0]?.headers;
    expect([headers?.get('idempotency-key'), headers?.get('if-match'), headers?.get('x-daybook-reason')]).toEqual([
      'k1',
      '"3"',
      'Wrong%20bill',
    ]);
    const read = log.find(({ path }) => path.endsWith('/entries'));
    expect(read?.query.get('min-position')).toBe('77');
  });

  it('asks for the chosen moment where there is a past, and for now where there is none', async () => {
    const log = serve({
      ...house(),
      'GET /v1/accounting/companies/*/entries': { items: [], next: null },
      'GET /v1/identity/own/sessions': { items: [] },
    });
    const api = TestBed.inject(Api);
    await api.ask(listEntries, { companyId: company.id }, { known: '12' });
    await api.ask(listOwnSessions, {}, { known: '12' });
    expect(log.map(({ query }) => query.get('known-at'))).toEqual(['12', null]);
  });

  it('renews the session once on 401, and asks again', async () => {
    let renewed = 0;
    const log = serve({
      'POST /v1/identity/session/refresh': () => {
        renewed += 1;
        return session([]);
      },
      [reverse]: ({ headers }: { headers: Headers }) =>
        headers.get('authorization') === 'Bearer token'
          ? { id: '1', version: 2, position: '1' }
          : new Refusal(401, 'platform.unauthenticated', 'Sign in.'),
    });
    await TestBed.inject(Api).execute(reverseEntry, input);
    expect(renewed).toBe(1);
    expect(log.map(({ path }) => path.split('/').at(-1))).toEqual(['reverse', 'refresh', 'reverse']);
    expect(
      new Set(log.filter(({ path }) => path.endsWith('reverse')).map(({ headers }) => headers.get('idempotency-key')))
        .size,
    ).toBe(1);
  });

  it('stays signed in when another tab got a new cookie while this one renewed the session', async () => {
    let asked = 0;
    serve({
      'POST /v1/identity/session/refresh': () => {
        asked += 1;
        return asked === 1 ? new Refusal(409, 'identity.session-renewed', 'Try again.') : session([]);
      },
    });
    expect(await TestBed.inject(Session).refresh()).toBe(true);
    expect([asked, TestBed.inject(Session).signedIn()]).toEqual([2, true]);
  });

  it('asks the person to confirm what is sensitive, then sends the same request again', async () => {
    let confirmed = false;
    const log = serve({
      [reverse]: () =>
        confirmed
          ? { id: '1', version: 2, position: '1' }
          : new Refusal(403, 'identity.confirmation-required', 'Confirm that it is you.'),
    });
    const asking = TestBed.inject(Confirmation);
    const sent = TestBed.inject(Api).execute(reverseEntry, input);
    await vi.waitFor(() => expect(asking.asking()).not.toBeNull());
    confirmed = true;
    asking.asking()?.answer(true);
    expect(await sent).toMatchObject({ version: 2 });
    expect(new Set(log.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
    expect(log).toHaveLength(2);
  });

  it('does not repeat the request when the user cancels the confirmation', async () => {
    const log = serve({ [reverse]: new Refusal(403, 'identity.confirmation-required', 'Confirm that it is you.') });
    const asking = TestBed.inject(Confirmation);
    const sent = TestBed.inject(Api).execute(reverseEntry, input);
    const refused = expect(sent).rejects.toThrow(ProblemError);
    await vi.waitFor(() => expect(asking.asking()).not.toBeNull());
    asking.asking()?.answer(false);
    await refused;
    expect(log).toHaveLength(1);
  });

  it('takes a 401 that asks for something else as an answer, and renews nothing', async () => {
    const log = serve({ [reverse]: new Refusal(401, 'identity.mfa-required', 'A second factor is missing.') });
    await expect(TestBed.inject(Api).execute(reverseEntry, input)).rejects.toThrow(ProblemError);
    expect(log).toHaveLength(1);
  });

  it('throws refusals as problems with their pointers', async () => {
    serve({
      'POST /v1/accounting/companies/*/entries': new Refusal(409, 'accounting.entry-unbalanced', 'Credit is short.', {
        errors: [{ pointer: '/lines/0/amount', code: 'x', message: 'Too little.' }],
      }),
    });
    const failed = await TestBed.inject(Api)
      .execute(postEntry, { companyId: company.id, journal: 'GL', date: '2026-01-01', description: 'x', lines: [] })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ProblemError);
    expect((failed as ProblemError).problem).toMatchObject({
      code: 'accounting.entry-unbalanced',
      status: 409,
      traceId: '4f2a91c0',
    });
    expect((failed as ProblemError).problem.errors[0]?.pointer).toBe('/lines/0/amount');
  });

  it('says that no answer came, and that nothing was written', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')));
    const failed = await TestBed.inject(Api)
      .execute(reverseEntry, input)
      .catch((error: unknown) => error);
    expect((failed as ProblemError).problem.code).toBe('console.offline');
    expect(TestBed.inject(Session).signedIn()).toBe(false);
  });
});

describe('server-sent events over fetch', () => {
  it('reads events that arrive in pieces', async () => {
    const pieces = [
      'event: hint\nda',
      'ta: {"channel":"entries"}\n\n: alive\n\nevent: posi',
      'tion\ndata: 1\ndata: 2\n\n',
    ];
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    const events = [];
    for await (const event of serverEvents(stream)) events.push(event);
    expect(events).toEqual([
      { event: 'hint', data: '{"channel":"entries"}' },
      { event: 'position', data: '1\n2' },
    ]);
  });
});
