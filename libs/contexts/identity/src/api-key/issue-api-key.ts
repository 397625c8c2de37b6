import { type FieldError, isRejection, newId, reject, type Rejection } from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
import type * as z from 'zod';
import { isOwn } from '../roles.js';
import { blockOf } from './addresses.js';
import type { Deps } from '../injected.js';
import type { ApiKeyHolder } from './api-key.events.js';
import { type issuedApiKey, type issueOwnApiKey } from './api-key.operations.js';
import { recordApiKey, recordOwnApiKey } from './api-key.internal.js';
import { isReadScope } from './scopes.js';

type Wanted = z.output<(typeof issueOwnApiKey)['input']>;

/**
 * Issues a key: stores its hash, then records the event. A crash in between leaves a hash without an event, which gives no
 * access; never a working key that no list shows. Where a rule asks for approval, the event waits for it.
 */
export async function issue(
  wanted: Wanted,
  holder: { readonly holder: ApiKeyHolder; readonly holderId: string },
  asking: Pick<PerformContext, 'caller' | 'execute'>,
  { apiKeys: keys, bindings }: Deps<'apiKeys' | 'bindings'>,
): Promise<z.infer<typeof issuedApiKey> | Rejection> {
  const errors = [...unknownScopes(wanted.scopes, bindings.permissions), ...badAddresses(wanted.addresses)];
  if (errors.length > 0) {
    return reject('identity.api-key-invalid', errors[0]?.message ?? '', { status: 400, errors });
  }
  const keyId = newId();
  const until = new Date(wanted.until).toISOString();
  const { secret, prefix } = await keys.make({ keyId, tenant: asking.caller.tenant, ...holder, until });
  const scopes = [...new Set(wanted.scopes)].sort();
  const step = holder.holder === 'service' ? recordApiKey : recordOwnApiKey;
  const recorded = await asking.execute(step, { ...wanted, ...holder, scopes, until, keyId, prefix });
  if (isRejection(recorded)) {
    await keys.drop(keyId);
    return recorded;
  }
  const { position, approvalRequest } = recorded;
  return { keyId, secret, prefix, until, position, ...(approvalRequest === undefined ? {} : { approvalRequest }) };
}

function unknownScopes(scopes: readonly string[], declared: readonly string[]): FieldError[] {
  const known = new Set(declared);
  return scopes.flatMap((scope, index) => {
    if (isReadScope(scope, declared) || (known.has(scope) && !isOwn(scope))) return [];
    const message = known.has(scope)
      ? `An API key cannot act on a person's own account: ${scope}.`
      : `There is no permission ${scope}. Choose one from the list of permissions, or all that reads in a context: accounting.*.read.`;
    return [{ pointer: `/scopes/${index}`, code: 'not-found', message }];
  });
}

const badAddresses = (addresses: readonly string[]): FieldError[] =>
  addresses.flatMap((address, index) =>
    blockOf(address)
      ? []
      : [
          {
            pointer: `/addresses/${index}`,
            code: 'invalid',
            message: `${address} is neither an IP address nor a CIDR block.`,
          },
        ],
  );
