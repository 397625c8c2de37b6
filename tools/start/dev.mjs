/*
 * `npm run dev`: API and projector run from their sources and start again when one changes; the console is served by
 * Angular's own server, which reloads the page. Database, data folder and login are those of `npm start`.
 */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main, say } from './main.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const fromSource = (app) => ['--import', join(root, 'tools/source.mjs'), join(root, app, 'src/main.ts')];

await main(process.argv.slice(2), {
  build: 'libs',
  programs: { api: fromSource('apps/api'), projector: fromSource('apps/projector') },
  environment: { NODE_ENV: 'development' },
  isDevelopment: true,
  after({ children, undo, address }) {
    const changed = new Set();
    let timer;
    const follow = (folder, programs) => {
      const watcher = watch(join(root, folder), { recursive: true }, (_, file) => {
        if (!/\.ts$/.test(file ?? '') || /\.spec\.ts$|(^|\/)dist\//.test(file)) return;
        for (const name of programs) changed.add(name);
        clearTimeout(timer);
        timer = setTimeout(() => {
          say(`${file} changed: restarting ${[...changed].join(' and ')}.`);
          for (const name of changed) void children.restart(name);
          changed.clear();
        }, 200);
      });
      undo.push(() => watcher.close());
    };
    follow('libs', ['api', 'projector']);
    follow('apps/api/src', ['api']);
    follow('apps/projector/src', ['projector']);

    const console_ = spawn('npm', ['run', '-s', 'serve', '-w', '@daybook/web'], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      // Its own process group, because npm does not forward signals to what it runs.
      detached: true,
      env: { ...process.env, DAYBOOK_API: address },
    });
    undo.push(() => process.kill(-console_.pid, 'SIGTERM'));
    say('The console with reload is at http://localhost:4200.');
  },
});
