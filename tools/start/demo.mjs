import { Client, ProblemError } from '../cli/client.mjs';
import { StartError } from './start-error.mjs';

/** Does the login work? Being asked for a second factor, or to wait, counts as yes. */
export async function opens(url, { email, password }) {
  try {
    await new Client({ url, credentials: async () => ({ email, password }), channel: 'rest' }).signIn();
    return true;
  } catch (error) {
    return error.problem?.code !== 'identity.sign-in-failed';
  }
}

/** A company with a year of books, made through the real commands in the first login's name. */
export async function makeDemo(url, { email, password }) {
  if (password === null) throw new StartError('The demo company needs the first login. Start with --no-demo.');
  const { seedDemo } = await import('@daybook/accounting/demo/seed-demo');
  const client = new Client({ url, credentials: async () => ({ email, password }), channel: 'rest' });
  await seedDemo({
    execute: async (operation, input, key) => {
      try {
        return await client.call(operation, input, { key });
      } catch (error) {
        if (!(error instanceof ProblemError) || error.problem.status !== 409) throw error;
        const { code, detail, status, details = {}, errors = [] } = error.problem;
        return { kind: 'rejection', code, message: detail, status, details, errors };
      }
    },
  });
}
