/*
 * Jest's runner, with modules loaded by Node (docs/adr/0045). Jest would create a context per spec file and load everything again in
 * it, including Nest; here a worker loads each module once. A spec file must leave no state in modules and globals, and restore
 * what it replaces.
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
  // Jest's source maps cover only modules that Jest loaded.
  Error.prepareStackTrace = undefined;
  // Removes the blocks and listeners of the previous file.
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
