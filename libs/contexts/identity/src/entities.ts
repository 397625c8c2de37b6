import { factorEntities } from './factor/factor.entities.js';
import { keyEntities } from './key/key.entities.js';
import { linkEntities } from './link/link.entities.js';
import { providerEntities } from './provider/provider.entities.js';
import { sessionEntities } from './session/session.entities.js';

/** Secrets of people and what changes with every request: plain tables, which migrations.ts makes. */
export const identityEntities = [
  ...sessionEntities,
  ...factorEntities,
  ...linkEntities,
  ...keyEntities,
  ...providerEntities,
];
