import { daybookNamespace, isRejection, nameId } from '@daybook/kernel';
import { setUpIdentity } from '@daybook/identity/set-up';
import { CONFIG, ENTITIES, LOGGER, READS } from '@daybook/server';
import { JobCommands } from '@daybook/server/nest/job-commands';
import { waitFor } from '@daybook/server/query/reads';
import type { INestApplicationContext } from '@nestjs/common';

/** The same in every installation, so that a repeated start finds them. */
const tenants = ['Demo', 'Sandbox'].map((name) => ({ id: nameId(daybookNamespace, 'tenant', name), name }));

/** How long the first sign-in may wait for the projector to show who may sign in. */
const projectedWithinMs = 20_000;

/**
 * DAYBOOK_ADMIN_EMAIL and DAYBOOK_ADMIN_PASSWORD make the first login, Admin and Accountant of both tenants: whoever
 * begins alone runs the tenant and keeps its books. Safe at every start: what is there stays as it is, a password changed
 * since included.
 */
export async function makeFirstLogin(app: Pick<INestApplicationContext, 'get'>): Promise<void> {
  const { adminEmail: email, adminPassword: password, secret } = app.get(CONFIG);
  if (email === null || password === null) return;
  const { position } = await setUpIdentity(
    { em: app.get(ENTITIES), secret, execute: app.get(JobCommands).execute },
    {
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
            mitigation: 'The first person of a new installation, alone so far. Divide the duties once there are two.',
          })),
        },
      ],
    },
  );
  if (position === null) return;
  const behind = await waitFor(app.get(READS), position, projectedWithinMs);
  if (isRejection(behind)) app.get(LOGGER).warn('the first login waits for the projector');
}
