import { computed, effect, Injectable, signal, untracked } from '@angular/core';
import type { OpenedSession, Session as SessionFacts } from '@daybook/identity';
import { mayUsePasskeys } from './passkeys-here';
import { problemOf, ProblemError, offline, type Problem } from './problem';
import { onDevice } from './stores';

/** What sign-in and refresh answer; the refresh token travels in a cookie the page cannot read. */
export type SessionAnswer = OpenedSession;

const address = '/v1/identity/session';

/** One way to prove who one is, as the session operations take it. */
export interface Proof {
  readonly password?: string;
  readonly code?: string;
  readonly recoveryCode?: string;
  readonly passkey?: { readonly ticket: string; readonly response: Record<string, unknown> };
}
interface PasskeyQuestion {
  readonly ticket: string;
  readonly options: Record<string, unknown>;
}
/** The library comes with the first passkey that is used. */
const answerOf = async (options: Record<string, unknown>): Promise<Record<string, unknown>> =>
  (await import('./passkeys')).answerWithPasskey(options);

/**
 * A refresh token works once, and tabs share the cookie: a second refresh before the first one's cookie has come would
 * look like theft and end the session. Whatever brings another cookie waits its turn: refreshing, confirming, changing the
 * tenant. Tabs take turns by a lock; a page that was left in the middle (a quick reload)
 * leaves its mark, and the next one gives its answer the time to come. Without https there is no lock to take.
 */
const answerMs = 500;
const mark = 'daybook.refreshing';
const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
  const turn = async (): Promise<T> => {
    const wait = Number(onDevice.get(mark) ?? 0) + answerMs - Date.now();
    if (wait > 0 && wait <= answerMs) await new Promise((resolve) => setTimeout(resolve, wait));
    onDevice.set(mark, String(Date.now()));
    return work().finally(() => onDevice.remove(mark));
  };
  const { locks } = navigator as { locks?: LockManager };
  return locks === undefined ? turn() : locks.request('daybook.session', turn);
};

/** Who is signed in. The access token lives in memory only; a reload gets a new one by the cookie. */
@Injectable({ providedIn: 'root' })
export class Session {
  private readonly answer = signal<SessionAnswer | null>(null);
  readonly current = this.answer.asReadonly();
  readonly signedIn = computed(() => this.answer() !== null);
  readonly permissions = computed(() => new Set(this.answer()?.permissions ?? []));
  private refreshing: Promise<boolean> | null = null;
  private back: { readonly to?: string } = {};
  /** Set while this person acts for another one, by delegated access. */
  private readonly delegation = signal<string | null>(null);
  readonly acting = computed(() => this.delegation() !== null);
  /** With whose rights is read, and where; null when nobody is signed in. A renewed session is the same. */
  readonly who = computed(() => {
    const answer = this.answer();
    return answer && `${answer.tenant.id} ${this.delegation() ?? answer.person.id}`;
  });

  /** Forgets what was read as soon as somebody else sits here, or acts for another, or in another tenant. Needs an injection context. */
  whenOther(forget: () => void): void {
    let before = this.who();
    effect(() => {
      const now = this.who();
      if (now === before) return;
      before = now;
      untracked(forget);
    });
  }

  get token(): string | null {
    return this.answer()?.accessToken ?? null;
  }
  /** Held somewhere, which is enough for what keeps to the caller's own. null: open to anybody. */
  may(permission: string | null): boolean {
    return permission === null || this.permissions().has(permission);
  }
  /** Held where it is asked for: in one company, or (null) in the whole tenant. */
  mayIn(permission: string | null, companyId: string | null): boolean {
    const limited = (this.answer()?.limited ?? []).filter(({ permissions }) => permissions.includes(permission ?? ''));
    return this.may(permission) && (limited.length === 0 || limited.some((one) => one.companyId === companyId));
  }
  /** Less than 20 seconds of life left: better fetch a new token before asking. */
  get expiring(): boolean {
    const answer = this.answer();
    return answer !== null && Date.parse(answer.expiresAt) - Date.now() < 20_000;
  }

  async open(email: string, password: string, tenant?: string): Promise<void> {
    this.answer.set(await this.post('', { email, password, ...(tenant === undefined ? {} : { tenant }) }));
  }
  /** The second step of signing in: a code, a recovery code or a passkey. */
  async complete(ticket: string, proof: Proof): Promise<void> {
    this.answer.set(await this.post('/mfa', { ticket, ...proof }));
  }
  /** A passkey names the person itself: no address, no password. */
  async openWithPasskey(): Promise<void> {
    mayUsePasskeys();
    const { ticket, options } = await this.post<PasskeyQuestion>('/passkey/options', {});
    this.answer.set(await this.post('/passkey', { ticket, response: await answerOf(options) }));
  }
  /** What a page of its own was answered: an invitation accepted, a provider's answer. */
  adopt(answer: SessionAnswer): void {
    this.answer.set(answer);
  }
  rename(name: string): void {
    this.answer.update((answer) => answer && { ...answer, person: { ...answer.person, name } });
  }
  /** Starts acting for a person who allowed it: with their rights, and both names in every event. */
  async actFor(delegatedAccessId: string): Promise<void> {
    const entered = await this.post('/delegated-access', { delegatedAccessId });
    const headers = { authorization: `Bearer ${entered.accessToken}`, 'x-daybook-channel': 'console' };
    const response = await fetch(address, { headers });
    if (!response.ok) throw new ProblemError(await problemOf(response));
    const { accessToken, expiresAt } = entered;
    this.delegation.set(delegatedAccessId);
    this.answer.set({ ...((await response.json()) as SessionFacts), accessToken, expiresAt });
  }
  /** Stops acting for the person. */
  async actForNobody(): Promise<void> {
    this.delegation.set(null);
    await this.refresh();
  }
  /** Proves again who sits here; the new token may do what is sensitive for a while. */
  async confirm(proof: Proof): Promise<void> {
    const fresh = await oneAtATime(() => this.post('/confirm', { ...proof }));
    this.answer.update((answer) => answer && { ...answer, ...fresh });
  }
  async passkeyProof(): Promise<Proof> {
    mayUsePasskeys();
    const { ticket, options } = await this.post<PasskeyQuestion>('/passkey/options', {});
    return { passkey: { ticket, response: await answerOf(options) } };
  }
  /** The same person in another tenant. */
  async change(tenant: string): Promise<void> {
    this.answer.set(await oneAtATime(() => this.renew({ tenant })));
  }
  /** false when there is no session to continue. One request at a time, however many callers. */
  refresh(): Promise<boolean> {
    this.refreshing ??= oneAtATime(() => this.renew({}))
      .then(async (answer) => {
        const delegation = this.delegation();
        this.answer.set(answer);
        // Enter again after a renewal. If that fails, the delegation is over and the console shows it.
        if (delegation !== null) await this.actFor(delegation).catch(() => this.delegation.set(null));
        return true;
      })
      .catch((error: unknown) => {
        const problem: Problem = error instanceof ProblemError ? error.problem : offline;
        if (problem.status === 401 || problem.status === 403 || problem.status === 400) this.answer.set(null);
        return false;
      })
      .finally(() => (this.refreshing = null));
    return this.refreshing;
  }
  /** A message for the sign-in page, read once. */
  takeBack(): { readonly to?: string } {
    const { back } = this;
    this.back = {};
    return back;
  }
  /** With `to`, signing in again leads there. */
  async close(to?: string): Promise<void> {
    await this.post('/close', {}).catch(() => undefined);
    this.back = to === undefined ? {} : { to };
    this.answer.set(null);
  }

  /** Once more when another tab got a new cookie while this was under way: the next try goes with that one. */
  private renew(body: { tenant?: string }): Promise<SessionAnswer> {
    const renew = () => this.post('/refresh', body);
    return renew().catch((error: unknown) => {
      if (error instanceof ProblemError && error.problem.code === 'identity.session-renewed') return renew();
      throw error;
    });
  }

  private async post<T = SessionAnswer>(path: string, body: Record<string, unknown>): Promise<T> {
    const response = await fetch(address + path, {
      method: 'POST',
      credentials: 'same-origin',
      // A page left while it refreshes must still get the next cookie: its token has been used.
      keepalive: true,
      headers: {
        'content-type': 'application/json',
        'x-daybook-channel': 'console',
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
      },
      body: JSON.stringify(body),
    }).catch(() => {
      throw new ProblemError(offline);
    });
    if (!response.ok) throw new ProblemError(await problemOf(response));
    return (await response.json().catch(() => null)) as T;
  }
}
