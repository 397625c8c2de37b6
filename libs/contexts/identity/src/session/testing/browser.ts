import type { Caller } from '@daybook/server';
import type { TestApp, TestRole } from '@daybook/testing/app';
import type { Response, Test } from 'supertest';
import { type OpenedSession, openSession, refreshSession } from '../session.operations.js';

export const pathOf = (operation: { http: string }): string => String(operation.http.split(' ')[1]);

/** The refresh token's cookie as the browser would send it back. */
export const cookieOf = (answer: Response): string => cookieLine(answer).split(';')[0] ?? '';
export const cookieLine = (answer: Response): string => (answer.get('Set-Cookie') ?? []).join('\n');

export const tokenOf = ({ body }: Response): string => (body as OpenedSession).accessToken;

export const systemIn = (tenant: string): Caller => ({
  tenant,
  actor: { kind: 'system', id: 'spec' },
  channel: 'system',
  address: null,
  correlationId: 'spec',
  reason: null,
});

/** Requests of a browser that signs in, and the events that they leave. */
export function browserOf(app: () => TestApp) {
  // Requests without a token are limited by network address, so each spec uses its own.
  let address = 0;
  beforeEach(() => {
    address += 1;
  });
  const from = (test: Test): Test => test.set('x-forwarded-for', `198.51.100.${address}`);
  const signIn = (email: string, password: string, more: object = {}) =>
    from(app().anonymous.post(pathOf(openSession))).send({ email, password, ...more });
  const opened = async (role: TestRole = 'Accountant', tenant: 'north' | 'south' = 'north') => {
    const { email, password } = app().account(role, tenant);
    return signIn(email, password).expect(200);
  };
  const as = (session: Response) => ({
    get: (path: string) => from(app().anonymous.get(path)).set('authorization', `Bearer ${tokenOf(session)}`),
    post: (path: string, body: object = {}) =>
      from(app().anonymous.post(path))
        .set('authorization', `Bearer ${tokenOf(session)}`)
        .send(body),
  });
  const refresh = (cookie: string, body: object = {}) =>
    from(app().anonymous.post(pathOf(refreshSession)))
      .set('cookie', cookie)
      .send(body);
  const eventTypes = async (tenant: string, types: string) => {
    const { rows } = await app().projector.pool.query<{ type: string; data: Record<string, unknown> }>(
      `select type, data from store.events where type in (${types}) and stream like $1 order by position`,
      [`%-${tenant}-%`],
    );
    return rows;
  };
  return { from, signIn, opened, as, refresh, eventTypes };
}
