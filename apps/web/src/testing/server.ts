import { vi } from 'vitest';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: unknown;
}
type Answer = unknown | ((asked: Asked) => unknown);

/** A refusal as the server writes it. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly more: Record<string, unknown> = {},
  ) {}
}
/** An answer that never comes. */
export const never = Symbol('never');

/**
 * Fakes the API: answers by `METHOD path`, `*` for one segment; a promise is awaited. What no route names is a 404. Answers
 * the list of what was asked.
 */
export function serve(routes: Readonly<Record<string, Answer>>): Asked[] {
  const log: Asked[] = [];
  const patterns = Object.entries(routes).map(([route, answer]) => ({
    pattern: new RegExp(`^${route.replaceAll('*', '[^/]+')}$`),
    answer,
  }));
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    const url = new URL(address, 'http://localhost');
    const asked: Asked = {
      method: init.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? JSON.parse(init.body) : init.body,
    };
    log.push(asked);
    const found = patterns.find(({ pattern }) => pattern.test(`${asked.method} ${asked.path}`));
    let said = found === undefined ? new Refusal(404, 'platform.not-found', 'Nothing is here.') : found.answer;
    if (typeof said === 'function') said = (said as (asked: Asked) => unknown)(asked);
    if (said instanceof Promise) said = await said;
    if (said === never) {
      return new Promise<Response>((_, fail) => {
        init.signal?.addEventListener('abort', () => fail(new DOMException('aborted', 'AbortError')));
      });
    }
    const json = { headers: { 'content-type': 'application/json' } };
    if (said instanceof Refusal) {
      const { status, code, detail, more } = said;
      const problem = {
        type: `urn:daybook:problem:${code}`,
        title: code,
        status,
        code,
        detail,
        traceId: '4f2a91c0',
        details: {},
        ...more,
      };
      return new Response(JSON.stringify(problem), { status, ...json });
    }
    return new Response(JSON.stringify(said), json);
  });
  return log;
}

export const company = {
  id: '0195f000-0000-7000-8000-000000000001',
  name: 'Nordlys Kaffe AS',
  registrationNumber: '912345678',
  currency: 'NOK',
  zone: 'Europe/Oslo',
  fiscalYearStart: 1,
  version: 1,
};
export const person = { id: '0195f000-0000-7000-8000-0000000000aa', name: 'Ingrid Solbakken', role: 'Admin' };
export interface Limited {
  readonly companyId: string;
  readonly permissions: readonly string[];
}
/** `limited`: what is held in single companies only. */
export const session = (permissions: readonly string[], limited: readonly Limited[] = []) => ({
  accessToken: 'token',
  expiresAt: new Date(Date.now() + 600_000).toISOString(),
  person: { id: person.id, name: person.name, email: 'ingrid@nordlys.example' },
  tenant: { id: '0195f000-0000-7000-8000-0000000000bb', name: 'Nordlys' },
  tenants: [],
  role: 'Accountant',
  permissions,
  limited,
  restricted: null,
});
export const everything = [
  'accounting.company.read', 'accounting.account.read', 'accounting.account.add', 'accounting.account.change', 'accounting.account.remove',
  'accounting.entry.read', 'accounting.entry.post', 'accounting.entry.reverse', 'accounting.entry.hold',
  'accounting.entry.release', 'accounting.journal.read', 'accounting.import.read', 'accounting.import.start',
  'accounting.trial-balance.read', 'audit.event.read', 'identity.person.read', 'platform.projection.read',
  'platform.projection.retry', 'platform.job.read', 'platform.job.cancel',
]; // prettier-ignore

/** The routes every page needs: the session, the company, the people. */
export const house = (permissions: readonly string[] = everything): Record<string, Answer> => ({
  'POST /v1/identity/session/refresh': session(permissions),
  'GET /v1/accounting/companies': { items: [company] },
  'GET /v1/accounting/companies/*/journals': { items: [] },
  'GET /v1/identity/people': { items: [person] },
  'GET /v1/live': never,
  'GET /v1/audit/events': { items: [], next: null },
});

export const entry = (index: number, more: Record<string, unknown> = {}) => ({
  id: `0195f000-0000-7000-8000-${String(1000 + index).padStart(12, '0')}`,
  number: `PU-2026-${String(index).padStart(4, '0')}`,
  journal: 'PU',
  fiscalYear: 2026,
  date: '2026-04-30',
  period: 4,
  kind: 'normal',
  description: `Electricity ${index}`,
  voucher: null,
  mainAccount: '6340',
  mainAccountName: 'Electricity',
  party: null,
  amount: `${index}000.50`,
  currency: 'NOK',
  status: 'posted',
  recordedAt: '2026-04-30T07:12:41.000Z',
  recordedBy: person.id,
  position: String(40_000 + index),
  version: 1,
  ...more,
});
