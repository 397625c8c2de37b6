import { onRoundTrip } from '@daybook/postgres/round-trips';

/*
 * Fail points (docs/adr/0083): places at which a program can be killed. Each round trip to PostgreSQL has two: `before` it is sent,
 * and once it was `sent`, with its answer never seen. A program has no effect outside itself between two of them, so that a
 * kill at any other await is a kill at the next of these.
 */
export type Moment = 'before' | 'sent';

/** Names the point: pool, statement, moment. What differs from call to call is left out. */
const nameOf = (application: string, text: string, moment: Moment): string => {
  const statement = text
    .replaceAll(/'[^']*'/g, '?')
    .replaceAll(/\b\d+\b/g, '?')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `${application}: ${statement.length > 160 ? `${statement.slice(0, 110)} … ${statement.slice(-45)}` : statement} (${moment})`;
};

/** Calls `meet` at each fail point of this process. */
export function watchFailPoints(meet: (point: string) => void): void {
  onRoundTrip(({ application, text }) => {
    meet(nameOf(application, text, 'before'));
    // The driver writes to its socket in this turn of the event loop; answers are read in a later one.
    setImmediate(() => meet(nameOf(application, text, 'sent')));
  });
}
