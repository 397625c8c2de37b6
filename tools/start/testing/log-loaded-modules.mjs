/* Loaded before `npm start` by a spec: notes each module that the start itself loads in the file DAYBOOK_LOADED. */
import { appendFileSync } from 'node:fs';
import * as modules from 'node:module';

if (process.argv[1]?.endsWith('tools/start/start.mjs') && modules.registerHooks) {
  modules.registerHooks({
    load(url, context, next) {
      if (!url.startsWith('node:')) appendFileSync(process.env.DAYBOOK_LOADED, `${url}\n`);
      return next(url, context);
    },
  });
}
