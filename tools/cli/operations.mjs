/*
 * Every operation that the API serves, by its name: found in what the contexts publish, listed nowhere. Steps of other
 * operations have a route as a name only; contexts publish them in lists called `…Steps`.
 */
import { contextsIn } from '../libraries.mjs';

export async function loadOperations() {
  const operations = new Map();
  const faces = contextsIn().map((context) => `@daybook/${context}`);
  const ofServer = ['platform/platform.operations', 'export/export.operations', 'import/import.operations'].map(
    (file) => `@daybook/server/${file}`,
  );
  for (const face of [...ofServer, ...faces]) {
    const published = await import(face);
    const steps = Object.entries(published).flatMap(([name, value]) => (name.endsWith('Steps') ? value : []));
    for (const value of Object.values(published).flatMap(operationsOfRegister)) {
      const isOperation = value?.kind === 'command' || value?.kind === 'query';
      if (isOperation && !steps.includes(value)) operations.set(value.name, value);
    }
  }
  return operations;
}

/** A register publishes its operations in one object. */
const operationsOfRegister = (value) =>
  value?.kind === 'register' ? [...Object.values(value.commands), value.list, value.read] : [value];
