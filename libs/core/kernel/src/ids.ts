import { v5, v7, validate } from 'uuid';

/** A new record id: a UUIDv7, so that later ids sort later (RFC 9562). */
export const newId = (): string => v7();

/** A name-based UUIDv5 (RFC 9562): the same names give the same id. Used for commands and events. */
export const nameId = (namespace: string, ...names: string[]): string => v5(names.join('\u001f'), namespace);

export const isId = (value: string): boolean => validate(value);

/** Namespace of all name-based ids of Daybook. */
export const daybookNamespace = '6c0f2b9e-3b6a-5f0e-9d55-0d6a7b00c001';

/** v5(tenant, actor, operation, Idempotency-Key): recognises a repeated request. */
export const commandIdOf = (tenant: string, actor: string, operation: string, key: string): string =>
  nameId(daybookNamespace, tenant, actor, operation, key);

/**
 * v5(commandId, stream, index): the store recognises a repeated append, and one command may write to several streams.
 */
export const eventIdOf = (commandId: string, stream: string, index: number): string =>
  nameId(commandId, stream, String(index));

/**
 * The tenant of what belongs to no customer, such as people. No token is ever issued for it.
 */
export const platformTenant = '00000000-0000-8000-8000-000000000001';

/** Stream names: `{context}.{aggregate}-{tenantId}-{id}`; no dash before the tenant. */
export const streamName = (category: string, tenant: string, id: string): string => `${category}-${tenant}-${id}`;

/** The tenant in a stream's name; null when the name is malformed. */
export function tenantOfStream(stream: string): string | null {
  const dash = stream.indexOf('-');
  const tenant = dash < 0 ? '' : stream.slice(dash + 1, dash + 37);
  return isId(tenant) ? tenant : null;
}
