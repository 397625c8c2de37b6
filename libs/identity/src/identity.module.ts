import { type Authenticator, type Context, context, type Resources, type RightsOf } from '@daybook/server';
import { TokenAuthenticator } from './access/authenticator.js';
import { personRoom } from './person/person.room.js';
import { type IdentityParts, joined } from './room.js';
import { sessionRoom } from './session/session.room.js';
import { SigningKeys } from './session/signing-keys.js';
import { tenantRoom } from './tenant/tenant.room.js';

/** `declared`: the permissions of all operations, of all contexts; roles are made of them. */
export function identity(
  resources: Resources,
  declared: () => Iterable<string>,
): { context: Context; authenticator: Authenticator; rightsOf: RightsOf } {
  const parts: IdentityParts = { ...resources, declared, keys: new SigningKeys(resources.pool, resources.secret) };
  const authenticator = new TokenAuthenticator(resources, parts.keys, declared);
  return {
    authenticator,
    rightsOf: authenticator.rightsOf,
    context: context({
      name: 'identity',
      title: 'People and access',
      ...joined([tenantRoom(parts), personRoom(parts), sessionRoom(parts)]),
    }),
  };
}
