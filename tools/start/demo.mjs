import { Client } from '../cli/client.mjs';
import { StartError } from './start-error.mjs';

/** A company with a year of books, made through the real commands in the first login's name. */
export async function makeDemo(url, { email, password }) {
  if (password === null) throw new StartError('The demo company needs the first login. Start with --no-demo.');
  const { seedDemo } = await import('@daybook/accounting/demo/seed');
  await seedDemo(new Client({ url, credentials: async () => ({ email, password }), channel: 'rest' }));
}
