import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AddressError, parseEventStoreUrl } from '@daybook/event-store/eventstoredb/address';
import { DatabaseUrlError, parseDatabaseUrl } from '@daybook/postgres/database-url';
import * as z from 'zod';
import { defaultLimits, type RateLimit } from './dispatch/limits.js';
import { proxiesOf } from './rest/proxies.js';

/*
 * All configuration, validated once at start. Every variable can also come from a file named by `<VARIABLE>_FILE` (a
 * mounted secret). Messages name variables and what is expected, never values.
 */
const port = z.coerce.number({ error: 'a port number' }).int('a port number').min(0).max(65_535, 'at most 65535');
const url = (schemes: readonly string[]) =>
  z.string().refine(
    (text) => {
      const scheme = URL.canParse(text) ? new URL(text).protocol.slice(0, -1) : '';
      return schemes.includes(scheme);
    },
    { error: `an address that starts with ${schemes.map((s) => `${s}://`).join(' or ')}` },
  );

const days = z.coerce
  .number({ error: 'a number of days' })
  .int('a whole number of days')
  .min(1, 'at least 1')
  .max(3650, 'at most 3650');

/** `200,1000`: per second, and in a burst. */
const rateLimit = ({ perSecond, burst }: RateLimit) =>
  z
    .string()
    .regex(
      /^[1-9]\d{0,8}, ?[1-9]\d{0,8}$/,
      `two whole numbers from 1 to 999999999, per second and in a burst, such as ${perSecond},${burst}`,
    )
    .transform((text): RateLimit => {
      const [perSecond = 0, burst = 0] = text.split(',').map(Number);
      return { perSecond, burst };
    })
    .prefault(`${perSecond},${burst}`);

/** Host names or addresses, separated by commas. */
const hostNames = z.string().transform((text, context) => {
  const names = text
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (names.every((name) => /^[a-z0-9.:-]+$/.test(name))) return names;
  context.addIssue({ code: 'custom', message: 'names of hosts, separated by commas' });
  return z.NEVER;
});

const proxies = z.string().transform((text, context) => {
  const named = text.split(/[\s,]+/).filter(Boolean);
  const found = proxiesOf(named);
  if (found) return found;
  context.addIssue({ code: 'custom', message: 'addresses or ranges such as 10.0.0.0/8, separated by commas' });
  return z.NEVER;
});

/** As libpq reads it: several hosts and parameters are allowed. */
const databaseAddress = z.string().superRefine((text, context) => {
  try {
    parseDatabaseUrl(text);
  } catch (error) {
    if (!(error instanceof DatabaseUrlError)) throw error;
    context.addIssue({ code: 'custom', message: error.expected });
  }
});

/** Parsed by the event store's adapter: an address with several hosts is not a valid URL. */
function isEventStoreAddress(text: string, context: z.RefinementCtx): void {
  try {
    parseEventStoreUrl(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
}

const isMailServer = (to: string): boolean => /^smtps?:\/\//.test(to);
const mailOf = (to: string, dataDir: string): string => (isMailServer(to) ? to : resolve(to || join(dataDir, 'mail')));

const schema = z
  .object({
    NODE_ENV: z
      .enum(['development', 'test', 'production'], { error: 'development, test or production' })
      .default('production'),
    DATABASE_URL: databaseAddress,
    EVENTSTORE_URL: z.string().superRefine(isEventStoreAddress).optional(),
    DAYBOOK_SECRET: z.string().min(32, 'at least 32 characters'),
    DAYBOOK_MASTER_KEY: z.string().min(32, 'at least 32 characters').optional(),
    DAYBOOK_MASTER_KEY_PREVIOUS: z.string().min(32, 'at least 32 characters').optional(),
    DAYBOOK_DATABASE_DIR: z.string().min(1).optional(),
    DAYBOOK_DATA: z.string().min(1).default('.daybook'),
    DAYBOOK_HOST: z.string().min(1).default('127.0.0.1'),
    DAYBOOK_PORT: port.default(3000),
    DAYBOOK_PROJECTOR_PORT: port.default(3001),
    DAYBOOK_TRUSTED_PROXIES: proxies.prefault(''),
    DAYBOOK_CONSOLE: z.string().min(1).optional(),
    DAYBOOK_URL: url(['http', 'https']).optional(),
    DAYBOOK_LOOPBACK_ISSUERS: z.enum(['yes', 'no'], { error: 'yes or no' }).optional(),
    DAYBOOK_INTERNAL_ISSUERS: hostNames.default([]),
    DAYBOOK_MAIL: z
      .string()
      .refine((to) => !to.includes('://') || (isMailServer(to) && URL.canParse(to)), {
        error: 'smtp://…, smtps://… or a folder',
      })
      .optional(),
    DAYBOOK_MAIL_FROM: z
      .string()
      .regex(/^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/, 'an e-mail address, or a name and <an address>')
      .default('Daybook <daybook@localhost>'),
    DAYBOOK_ADMIN_EMAIL: z.email('an e-mail address').optional(),
    // The length of every password; tools/start/check-settings.mjs refuses common ones too (docs/administrator.md).
    DAYBOOK_ADMIN_PASSWORD: z.string().min(8, 'at least 8 characters').max(128, 'at most 128 characters').optional(),
    DAYBOOK_KEEP_JOBS_DAYS: days.default(90),
    DAYBOOK_KEEP_UPLOADS_DAYS: days.default(30),
    DAYBOOK_LIMIT_SIGNED_IN: rateLimit(defaultLimits.signedIn),
    DAYBOOK_LIMIT_ANONYMOUS: rateLimit(defaultLimits.anonymous),
    DAYBOOK_LIMIT_GRAPHQL: rateLimit(defaultLimits.graphql),
    DAYBOOK_LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
        error: 'trace, debug, info, warn, error, fatal or silent',
      })
      .default('info'),
  })
  .transform((env) => ({
    environment: env.NODE_ENV,
    databaseUrl: env.DATABASE_URL,
    eventStoreUrl: env.EVENTSTORE_URL ?? null,
    secret: env.DAYBOOK_SECRET,
    /** Wraps the keys of personal data; null: derived from the secret (docs/operator.md). */
    masterKey: env.DAYBOOK_MASTER_KEY ?? null,
    masterKeyPrevious: env.DAYBOOK_MASTER_KEY_PREVIOUS ?? null,
    /** Data directory of the embedded database; null where Daybook does not run the database. */
    databaseDir: env.DAYBOOK_DATABASE_DIR === undefined ? null : resolve(env.DAYBOOK_DATABASE_DIR),
    dataDir: resolve(env.DAYBOOK_DATA),
    host: env.DAYBOOK_HOST,
    port: env.DAYBOOK_PORT,
    projectorPort: env.DAYBOOK_PROJECTOR_PORT,
    /** Trusted proxies: they may set the client address, and are exempt from the connection limit per address. */
    proxies: env.DAYBOOK_TRUSTED_PROXIES,
    /** Base URL of the console, for links in mails; without a trailing slash. */
    publicUrl: (env.DAYBOOK_URL ?? `http://localhost:${env.DAYBOOK_PORT}`).replace(/\/+$/, ''),
    /** Where sign-in providers may be besides public hosts (docs/operator.md). */
    issuers: {
      /** On this machine, without https, to try one out. */
      loopback:
        env.DAYBOOK_LOOPBACK_ISSUERS === undefined
          ? env.NODE_ENV !== 'production'
          : env.DAYBOOK_LOOPBACK_ISSUERS === 'yes',
      internal: env.DAYBOOK_INTERNAL_ISSUERS,
    },
    /** `smtp://…`, or the path of a folder. */
    mail: mailOf(env.DAYBOOK_MAIL ?? '', env.DAYBOOK_DATA),
    mailFrom: env.DAYBOOK_MAIL_FROM,
    consoleDir: env.DAYBOOK_CONSOLE === undefined ? null : resolve(env.DAYBOOK_CONSOLE),
    adminEmail: env.DAYBOOK_ADMIN_EMAIL ?? null,
    adminPassword: env.DAYBOOK_ADMIN_PASSWORD ?? null,
    /** Retention in days of ended jobs, and of files that no record cites. */
    keep: { jobsDays: env.DAYBOOK_KEEP_JOBS_DAYS, uploadsDays: env.DAYBOOK_KEEP_UPLOADS_DAYS },
    limits: {
      signedIn: env.DAYBOOK_LIMIT_SIGNED_IN,
      anonymous: env.DAYBOOK_LIMIT_ANONYMOUS,
      graphql: env.DAYBOOK_LIMIT_GRAPHQL,
    },
    logLevel: env.DAYBOOK_LOG_LEVEL,
  }));

export type Config = z.output<typeof schema>;
export const configNames: readonly string[] = Object.keys(schema.in.shape);

type Environment = Readonly<Record<string, string | undefined>>;

/** All invalid and missing variables at once; never their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(`Daybook cannot start with this configuration:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
  }
}

export function readConfig(env: Environment, readText = (path: string) => readFileSync(path, 'utf8')): Config {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  const unreadable = new Set<string>();
  for (const name of configNames) {
    const given = env[name] === '' ? undefined : env[name];
    const file = env[`${name}_FILE`];
    if (given !== undefined && file) problems.push(`${name} and ${name}_FILE are both set; keep one.`);
    if (given !== undefined) values[name] = given;
    else if (file) {
      try {
        values[name] = readText(file).trimEnd();
      } catch {
        unreadable.add(name);
        problems.push(`${name}_FILE names a file that cannot be read.`);
      }
    }
  }
  const parsed = schema.safeParse(values);
  if (parsed.success && problems.length === 0) return parsed.data;
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (unreadable.has(name)) continue;
    problems.push(values[name] === undefined ? `${name} is missing.` : `${name} is wrong: expected ${issue.message}.`);
  }
  throw new ConfigError([...new Set(problems)]);
}

/** For `main.ts`: prints the problems and exits with status 1. */
export function configOrExit(env: Environment = process.env): Config {
  try {
    return readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
