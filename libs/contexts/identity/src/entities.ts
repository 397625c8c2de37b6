import { mfaEntities } from './mfa/mfa.entities.js';
import { apiKeyEntities } from './api-key/api-key.entities.js';
import { emailLinkEntities } from './email-link/email-link.entities.js';
import { ssoEntities } from './sso/sso-provider.entities.js';
import { sessionEntities } from './session/session.entities.js';

/** Secrets of people and what changes with every request: plain tables, which migrations.ts makes. */
export const identityEntities = [
  ...sessionEntities,
  ...mfaEntities,
  ...emailLinkEntities,
  ...apiKeyEntities,
  ...ssoEntities,
];
