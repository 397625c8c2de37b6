/*
 * Jest's own runner, in which Node loads the modules (docs/adr/0045). Jest would make a world per spec file and load
 * everything anew in it, Nest and all; here a worker loads each module once, as the product does. A spec file leaves
 * nothing behind in modules and globals: what it replaces it puts back.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import '../source.mjs';
import { instrument, newlyTaken } from './instrument.mjs';

const require = createRequire(import.meta.url);
const { default: circus } = require('jest-circus/runner');
process.setSourceMapsEnabled(true);
// No spec depends on the speed of the machine.
const { allowSlowConnections } = await import('@daybook/postgres/testing/long-timeouts');
allowSlowConnections();
let isInstrumented = false;

export default function run(globalConfig, config, environment, runtime, ...rest) {
  if (globalConfig.collectCoverage && !isInstrumented) instrument();
  isInstrumented = true;
  // Jest's way to read source maps knows only what Jest has loaded.
  Error.prepareStackTrace = undefined;
  // The blocks of the file before, and who listened to them.
  delete globalThis[Symbol.for('EVENT_HANDLERS')];
  runtime.requireInternalModule = (path) => {
    delete require.cache[path];
    return require(path);
  };
  runtime.getAllCoverageInfoCopy = newlyTaken;
  runtime.unstable_shouldLoadAsEsm = () => true;
  runtime.unstable_importModule = (path) => import(pathToFileURL(path).href);
  return circus(globalConfig, config, environment, runtime, ...rest);
}
