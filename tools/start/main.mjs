import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { build } from './build.mjs';
import { Supervisor } from './supervisor.mjs';
import { defaultEmail, firstLogin, lockDataFolder, takeDataFolder } from './data-folder.mjs';
import { openDatabase } from './database.mjs';
import { makeDemo, opens } from './demo.mjs';
import { help, optionsOf, setting } from './options.mjs';
import { whenParentEnds } from './parent-watch.mjs';
import { freePort } from './ports.mjs';
import { DatabaseOutages } from './database-outages.mjs';
import { StartError } from './start-error.mjs';
import { reachable, welcome } from './welcome.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const { version } = manifest;
export const say = (line) => process.stdout.write(`${line}\n`);

/** How `npm start` runs the product; `npm run dev` differs. */
const built = {
  build: 'all',
  programs: {
    api: [join(root, 'apps/api/dist/main.js')],
    projector: [join(root, 'apps/projector/dist/main.js')],
  },
  environment: {},
  isDevelopment: false,
  after: () => undefined,
};

/** Starts everything and keeps running; exits with status 1 and one message if it cannot. */
export async function main(args, way = built) {
  const undo = [];
  let ending = null;
  /** Stops everything in reverse order, once. */
  const end = (status) => {
    ending ??= (async () => {
      for (const step of undo.reverse())
        await Promise.resolve()
          .then(step)
          .catch(() => undefined);
      process.exit(status);
    })();
    return ending;
  };
  // Output may go to a full disk or a closed pipe; that must not end the process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));
  undo.push(whenParentEnds(() => void end(0)));

  try {
    const options = optionsOf(args, process.env);
    if (options.help || options.version) {
      say(options.help ? help : version);
      return await end(0);
    }
    await run(options, way, undo, end);
  } catch (error) {
    if (ending) return;
    const words = error instanceof StartError || error.name === 'DatabaseStartError' ? error.message : error.stack;
    const begins = 'Daybook cannot start';
    process.stderr.write(`${words.startsWith(begins) ? '' : `${begins}. `}${words}\n`);
    await end(1);
  }
}

async function run(options, way, undo, end) {
  const started = Date.now();
  const locked = lockDataFolder(options.data, options);
  undo.push(() => locked.release());
  const port = await freePort(options.port, options.host);
  await build(root, say, way.build);
  // --fresh deletes once nothing else stands against the start.
  const planned = plannedFolder(options, locked);
  checkSettings({ ...(await environment({ ...planned, options, port })), ...way.environment });
  const folder = takeDataFolder(options.data, options);
  const isNew = !folder.note().login;
  const login = firstLogin(folder, process.env);
  const env = { ...(await environment({ folder, options, port, login })), ...way.environment };
  const outages = new DatabaseOutages(end);
  const database = await openDatabase(folder, options, outages);
  undo.push(() => database.stop());
  Object.assign(env, {
    DATABASE_URL: database.url,
    ...(database.dir === null ? {} : { DAYBOOK_DATABASE_DIR: database.dir }),
  });

  const children = new Supervisor({
    logs: join(folder.path, 'logs'),
    isDevelopment: way.isDevelopment,
    onLost: (name) => {
      process.stderr.write(`${name} keeps crashing. Daybook stops.\n${children.tail(name)}\n`);
      void end(1);
    },
  });
  undo.push(() => children.stop());
  outages.children = children;
  for (const [name, program] of Object.entries(way.programs)) children.start(name, program, env);
  const address = `http://${reachable(options.host)}:${port}`;
  await Promise.all([
    children.ready('api', `${address}/health/ready`),
    children.ready('projector', `http://127.0.0.1:${env.DAYBOOK_PROJECTOR_PORT}/health/ready`),
  ]);
  // A new folder on a database that is in use: its users keep their passwords and need no demo.
  const mayBeOthers = database.dir === null && !folder.note().login;
  const isInUse = mayBeOthers && !(await opens(address, login));
  // What was started without the demo company never gets one.
  folder.remember({ login: { email: login.email }, ...(isInUse || !options.demo ? { demo: true } : {}) });
  if (isInUse) login.password = null;
  if (options.demo && !folder.note().demo) {
    say('Creating the demo company …');
    await makeDemo(address, login);
    folder.remember({ demo: true });
  }
  await way.after({ children, undo, address });
  say(
    welcome(root, {
      options,
      port,
      login: { ...login, isNew },
      folder,
      database,
      seconds: (Date.now() - started) / 1000,
    }),
  );
}

/** The folder as it will be: with its login and secret, or those of the environment, or new ones. */
const plannedFolder = ({ data, fresh, secret }, locked) => {
  const known = fresh ? {} : locked.note();
  const stored = fresh ? null : locked.secret();
  const login = known.login ?? {
    email: setting(process.env, 'DAYBOOK_ADMIN_EMAIL') ?? defaultEmail,
    password: setting(process.env, 'DAYBOOK_ADMIN_PASSWORD') ?? randomBytes(12).toString('base64url'),
  };
  return {
    folder: { path: data, secret: secret ?? stored ?? randomBytes(32).toString('base64url'), note: () => known },
    login: { password: null, ...login },
  };
};

/** Uses the programs' own configuration code, in a separate process, because it takes longer to load than everything else here. */
function checkSettings(env) {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'tools/start/check-settings.mjs')], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new StartError(stderr.trim());
}

/** Environment of the programs. Settings read from a `<NAME>_FILE` are passed as values. */
async function environment({ folder, options, port, login }) {
  const isFirst = !folder.note().login && login.password !== null;
  const settings = {
    // The embedded database has no address before it runs.
    DATABASE_URL: options.databaseUrl ?? 'postgresql://127.0.0.1/postgres',
    DAYBOOK_SECRET: folder.secret,
    DAYBOOK_DATA: folder.path,
    DAYBOOK_HOST: options.host,
    DAYBOOK_PORT: String(port),
    DAYBOOK_PROJECTOR_PORT: String(await freePort(0, '127.0.0.1')),
    DAYBOOK_CONSOLE: join(root, 'apps/web/dist'),
    DAYBOOK_ADMIN_EMAIL: isFirst ? login.email : '',
    DAYBOOK_ADMIN_PASSWORD: isFirst ? login.password : '',
  };
  const files = Object.keys(settings).map((name) => [`${name}_FILE`, '']);
  return { NODE_ENV: process.env.NODE_ENV ?? 'production', ...settings, ...Object.fromEntries(files) };
}
