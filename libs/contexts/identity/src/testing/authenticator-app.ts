import type { TestClient } from '@daybook/testing/app';
import { TOTP } from 'otpauth';
import { addTotp, confirmTotp } from '../mfa/mfa.operations.js';

/** An authenticator app added to the account of a client; answers the code that is good next. */
export async function withAuthenticatorApp(client: TestClient): Promise<() => string> {
  const { secret } = await client.execute(addTotp, {});
  const app = new TOTP({ secret });
  await client.execute(confirmTotp, { code: app.generate() });
  // The one that confirmed is used; that of the next step is taken already.
  return () => app.generate({ timestamp: Date.now() + 30_000 });
}
