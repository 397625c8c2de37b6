import { createInterface } from 'node:readline';
import { UsageError } from './flags.mjs';

/** Is there a terminal to ask on? */
export const isTerminal = () => Boolean(process.stdin.isTTY && process.stderr.isTTY);

/** E-mail and password from the environment, else from a prompt on the terminal, once. */
export function credentialsFrom(env, { tenant }) {
  // If the token is refused, that is the answer: do not fall back to a password prompt.
  if (env.DAYBOOK_TOKEN && !(env.DAYBOOK_EMAIL && env.DAYBOOK_PASSWORD)) return null;
  let asked;
  return () => (asked ??= find(env)).then((found) => ({ ...found, tenant }));
}

/** Asks on the terminal for a code of the authenticator app (valid once, for half a minute), or a recovery code. */
export async function askSecondFactor(methods) {
  const takesCode = methods.includes('totp') || methods.includes('recovery-code');
  if (!takesCode || !isTerminal()) {
    const where = takesCode ? 'its code can be entered on a terminal only' : 'a passkey, which only a browser can use';
    throw new UsageError(
      `This account has a second factor: ${where}. Create an API key in the console and set DAYBOOK_TOKEN to it.`,
    );
  }
  const given = await ask('Code of the authenticator app, or a recovery code: ', false);
  return /^\d{3} ?\d{3}$/.test(given) ? { code: given } : { recoveryCode: given };
}

async function find(env) {
  if (env.DAYBOOK_EMAIL && env.DAYBOOK_PASSWORD) return { email: env.DAYBOOK_EMAIL, password: env.DAYBOOK_PASSWORD };
  if (!isTerminal()) {
    throw new UsageError('Set DAYBOOK_EMAIL and DAYBOOK_PASSWORD, or DAYBOOK_TOKEN, to sign in.');
  }
  const email = env.DAYBOOK_EMAIL || (await ask('E-mail: ', false));
  return { email, password: await ask('Password: ', true) };
}

/** The prompt goes to standard error, so that standard output stays clean; a password is not echoed. */
export function ask(prompt, secret) {
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  return new Promise((done) => {
    reader.question(prompt, (answer) => {
      reader.close();
      if (secret) process.stderr.write('\n');
      done(answer.trim());
    });
    if (secret) reader._writeToOutput = () => undefined;
  });
}
