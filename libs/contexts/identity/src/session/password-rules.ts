import type { FieldError } from '@daybook/kernel';
import { passwordLength } from './session.schema.js';

/** Words an attacker tries first for this person: a password may contain them, but not consist of one. */
export interface PasswordContext {
  readonly email?: string | null;
  readonly name?: string | null;
  readonly tenants?: readonly string[];
}

/** The 30,000 most common passwords, limited to those that are long enough. Loaded when the first password is set. */
let loading: Promise<ReadonlySet<string>> | undefined;
const commonPasswords = (): Promise<ReadonlySet<string>> =>
  (loading ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].filter((word) => word.length >= passwordLength.min)),
  ));

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
/** Without digits and signs at the ends, which people add to satisfy rules: `Daybook2026!` becomes `daybook`. */
const core = (text: string): string => text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');

function contextWords({ email, name, tenants = [] }: PasswordContext): string[] {
  const parts = [email ?? '', ...(email?.split('@') ?? []), name ?? '', ...(name?.split(/\s+/) ?? []), ...tenants];
  const joined = [...parts, name ?? '', ...tenants].map((part) => part.replaceAll(/\s+/g, ''));
  return [...new Set(['daybook', ...parts, ...joined].map(plain).filter((word) => word.length >= 3))];
}

/**
 * The problem of a new password, or null. Checks the length in characters (after NFKC), the most common passwords, repeated
 * characters, and the names of product, person and tenant (ASVS 6.2.1, 6.2.4, 6.2.11). No rule asks for digits or capitals.
 */
export async function passwordProblem(
  password: string,
  context: PasswordContext = {},
  pointer = '/password',
): Promise<FieldError | null> {
  const wrong = (code: string, message: string): FieldError => ({ pointer, code, message });
  const text = plain(password);
  const length = [...text].length;
  if (length < passwordLength.min) return wrong('too-short', `Use at least ${passwordLength.min} characters.`);
  if (length > passwordLength.max) return wrong('too-long', `Use at most ${passwordLength.max} characters.`);
  const common = await commonPasswords();
  if (common.has(text) || common.has(core(text)) || new Set(text).size <= 2) {
    return wrong('too-common', 'This is a common password that attackers try first. Choose another one.');
  }
  if (contextWords(context).some((word) => text === word || core(text) === core(word))) {
    return wrong(
      'guessable',
      'This is too close to your name, your address or the name of the product. Choose another one.',
    );
  }
  return null;
}
