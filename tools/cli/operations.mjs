/* Every operation of the product, by its name: found in what the contexts publish, listed nowhere. */
import { readdirSync } from 'node:fs';

const libraries = new URL('../../libs/', import.meta.url);
const technical = new Set(['kernel', 'event-store', 'projections', 'jobs', 'files', 'postgres', 'suite']);

export async function loadOperations() {
  const operations = new Map();
  for (const library of readdirSync(libraries).filter((name) => !technical.has(name))) {
    const face = library === 'server' ? '@daybook/server/platform/platform.operations' : `@daybook/${library}`;
    const published = await import(face);
    for (const value of Object.values(published)) {
      if (value?.kind === 'command' || value?.kind === 'query') operations.set(value.name, value);
    }
  }
  return operations;
}
