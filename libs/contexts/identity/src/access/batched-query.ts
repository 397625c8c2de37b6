import type { Pool } from 'pg';
import type { OpenSession } from '../session/session-rows.js';

interface Pending<Q, A> {
  readonly questions: Q;
  readonly answered: (answer: A) => void;
  readonly failed: (error: unknown) => void;
}
type Sessions = readonly [readonly string[], readonly string[]];

/**
 * Batches the two queries of every request, the last revision of the tenant's stream and whether the session is open,
 * into one round trip. Used when the event store is in the same database. The first query waits for the other one until
 * the end of the event loop's turn.
 */
export class BatchedQuery {
  private streams: Pending<readonly string[], number[]> | null = null;
  private sessions: Pending<Sessions, readonly OpenSession[]> | null = null;
  private planned = false;

  constructor(private readonly pool: Pool) {}

  readonly revisions = (questions: readonly string[]): Promise<number[]> =>
    new Promise((answered, failed) => {
      if (this.streams) this.ask();
      this.streams = { questions, answered, failed };
      this.plan();
    });

  readonly openSessions = (...questions: Sessions): Promise<readonly OpenSession[]> =>
    new Promise((answered, failed) => {
      if (this.sessions) this.ask();
      this.sessions = { questions, answered, failed };
      this.plan();
    });

  private plan(): void {
    if (this.planned) return;
    this.planned = true;
    setImmediate(() => {
      this.planned = false;
      this.ask();
    });
  }

  private ask(): void {
    const { streams, sessions } = this;
    this.streams = null;
    this.sessions = null;
    if (!streams && !sessions) return;
    this.pool
      .query<{ revisions: number[]; sessions: readonly OpenSession[] }>({
        name: 'rights-and-sessions',
        text: `select store.last_revisions($1) as revisions,
          (select coalesce(json_agg(o), '[]') from identity.open_sessions($2, $3) as o) as sessions`,
        values: [streams?.questions ?? [], sessions?.questions[0] ?? [], sessions?.questions[1] ?? []],
      })
      .then(
        ({ rows }) => {
          streams?.answered(rows[0]?.revisions ?? []);
          sessions?.answered(rows[0]?.sessions ?? []);
        },
        (error: unknown) => {
          streams?.failed(error);
          sessions?.failed(error);
        },
      );
  }
}
