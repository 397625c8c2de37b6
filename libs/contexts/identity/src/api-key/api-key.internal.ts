import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { apiKeyHolder } from './api-key.events.js';
import {
  apiKeyApprovable,
  type apiKeyCommands,
  issueApiKey,
  issueOwnApiKey,
  ownApiKeyApprovable,
} from './api-key.operations.js';

/*
 * Steps that only the product itself takes, recording an issued key whose hash is already stored. Their routes are names, and
 * never served. Where a rule asks for approval, this step is what waits: the secret is shown once, when it is generated, and
 * gives no access until the event is recorded.
 */
const recorded = issueOwnApiKey.input.extend({
  addresses: z.array(z.string()),
  keyId: z.uuid(),
  prefix: z.string(),
  holder: apiKeyHolder,
  holderId: z.uuid(),
});

export const recordApiKey = command('identity.api-key.record', {
  title: issueApiKey.title,
  http: 'POST /v1/identity/api-keys',
  permission: issueApiKey.permission,
  sensitive: true,
  says: 'issued the API key {name}',
  approvable: apiKeyApprovable,
  input: recorded,
});
export const recordOwnApiKey = command('identity.own-api-key.record', {
  title: issueOwnApiKey.title,
  http: 'POST /v1/identity/own/api-keys/record',
  permission: issueOwnApiKey.permission,
  scope: 'caller',
  sensitive: true,
  says: 'issued the API key {name}',
  approvable: ownApiKeyApprovable,
  input: recorded,
});
export const apiKeySteps = [recordApiKey, recordOwnApiKey] as const;
export type ApiKeyCommand = CommandOf<(typeof apiKeyCommands)[number] | (typeof apiKeySteps)[number]>;
