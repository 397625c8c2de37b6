import { Worker } from 'node:worker_threads';

/**
 * Starts a worker thread from a module beside the caller: `startThread('xlsx', new URL('./xlsx.worker.js', import.meta.url), 256)`.
 * In development and in specs it runs from its source, which needs a loader. A thread that needs more memory ends.
 */
export function startThread(name: string, module: URL, mostMegabytes: number): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const loader = new URL('../../../../tools/source.mjs', import.meta.url).href;
  return new Worker(isSource ? new URL(module.href.replace(/\.js$/, '.ts')) : module, {
    name,
    execArgv: isSource ? ['--import', loader] : [],
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  });
}
