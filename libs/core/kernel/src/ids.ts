import { v5, v7, validate } from 'uuid';

/** A new record id: UUIDv7, so ids made later sort later (RFC 9562). */
export const newId = (): string => v7();

/** The same names always give the same id: UUIDv5 (RFC 9562). Commands and events get theirs this way. */
export const nameId = (namespace: string, ...names: string[]): string => v5(names.join('\u001f'), namespace);

export const isId = (value: string): boolean => validate(value);

/** Namespace of everything Daybook derives by name. */
export const daybookNamespace = '6c0f2b9e-3b6a-5f0e-9d55-0d6a7b00c001';

/** commandId = v5(tenant, actor, operation, Idempotency-Key): a repeat of a request is recognised by it. */
export const commandIdOf = (tenant: string, actor: string, operation: string, key: string): string =>
  nameId(daybookNamespace, tenant, actor, operation, key);

/**
 * event id = v5(commandId, stream, index): appending twice is recognised by the store, and one command may write to several
 * streams.
 */
export const eventIdOf = (commandId: string, stream: string, index: number): string =>
  nameId(commandId, stream, String(index));

/**
 * What belongs to none of the tenants, people above all, stands under a tenant of its own that no token is ever issued
 * for.
 */
export const platformTenant = '00000000-0000-8000-8000-000000000001';

/** Stream names: `{context}.{aggregate}-{tenantId}-{id}`; no dash before the tenant. */
export const streamName = (category: string, tenant: string, id: string): string => `${category}-${tenant}-${id}`;

/** The tenant a stream belongs to, read from its name; null for a malformed one. */
export function tenantOfStream(stream: string): string | null {
  const dash = stream.indexOf('-');
  const tenant = dash < 0 ? '' : stream.slice(dash + 1, dash + 37);
  return isId(tenant) ? tenant : null;
}
