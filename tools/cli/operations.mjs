/* Every operation of the product, by its name: found in what the contexts publish, listed nowhere. */
import { contextsIn } from '../libraries.mjs';

export async function loadOperations() {
  const operations = new Map();
  const faces = contextsIn().map((context) => `@daybook/${context}`);
  for (const face of ['@daybook/server/platform/platform.operations', ...faces]) {
    const published = await import(face);
    for (const value of Object.values(published)) {
      if (value?.kind === 'command' || value?.kind === 'query') operations.set(value.name, value);
    }
  }
  return operations;
}
