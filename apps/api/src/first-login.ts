import { daybookNamespace, isRejection, nameId } from '@daybook/kernel';
import { IdentitySetUp } from '@daybook/identity/set-up';
import { CONFIG, LOGGER, READS } from '@daybook/server';
import { waitFor } from '@daybook/server/query/reads';
import type { INestApplicationContext } from '@nestjs/common';

/** The same ids in every installation, so that the next start finds them. */
const tenants = ['Demo', 'Sandbox'].map((name) => ({ id: nameId(daybookNamespace, 'tenant', name), name }));

/** How long to wait for the projector, so that the first sign-in works. */
const projectedWithinMs = 20_000;

/**
 * Creates the first login from DAYBOOK_ADMIN_EMAIL and DAYBOOK_ADMIN_PASSWORD, as Admin and Accountant of both tenants, since
 * somebody who starts alone runs the tenant and keeps its books. Idempotent: existing data stays as it is, including a
 * password that was changed since.
 */
export async function makeFirstLogin(app: Pick<INestApplicationContext, 'get'>): Promise<void> {
  const { adminEmail: email, adminPassword: password } = app.get(CONFIG);
  if (email === null || password === null) return;
  const { position } = await app.get(IdentitySetUp, { strict: false }).run({
    tenants,
    people: [
      {
        email,
        password,
        name: 'Administrator',
        memberships: tenants.map(({ id }) => ({
          tenant: id,
          role: 'Admin' as const,
          also: ['Accountant' as const],
          mitigation: 'The first person of a new installation works alone. Separate the duties once there are two.',
        })),
      },
    ],
  });
  if (position === null) return;
  const behind = await waitFor(app.get(READS), position, { waitMs: projectedWithinMs });
  if (isRejection(behind)) app.get(LOGGER).warn('the first login has to wait for the projector');
}
