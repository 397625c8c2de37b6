import type * as z from 'zod';
import type { apiKeyIssued } from '../api-key/api-key.events.js';
import type { delegatedAccessAllowed } from '../delegated-access/delegated-access.events.js';

/* The part of a tenant's state about actors other than members: service accounts, API keys, delegates. */
export interface ActorsState {
  readonly services: ReadonlyMap<string, Service>;
  readonly keys: ReadonlyMap<string, ApiKey>;
  readonly consents: ReadonlyMap<string, Consent>;
}
export interface Service {
  readonly name: string;
  readonly active: boolean;
  readonly createdBy: string;
  readonly version: number;
}
export type ApiKey = Omit<z.infer<(typeof apiKeyIssued)['data']>, 'prefix'> & {
  readonly revoked: boolean;
  readonly version: number;
};
export type Consent = Omit<z.infer<(typeof delegatedAccessAllowed)['data']>, 'reason'> & {
  /** Null until the delegate enters. */
  readonly delegateId: string | null;
  readonly ended: boolean;
  readonly version: number;
};

export const noActorsYet: ActorsState = { services: new Map(), keys: new Map(), consents: new Map() };

/** Is the consent in force at this moment? */
export const isOpen = (consent: Consent, now: string): boolean =>
  !consent.ended && Date.parse(consent.until) > Date.parse(now);
