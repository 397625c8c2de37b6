import { type Actor, command, isRejection, newId } from '@daybook/kernel';
import * as z from 'zod';
import { type Caller, context, perform } from '../context.js';
import { People } from '../dispatch/access.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Trusted } from '../dispatch/message.js';
import { OperationRunner } from '../dispatch/operation-runner.js';
import { internalRequest, type OperationRequest } from '../dispatch/request.js';
import { accessOfPerson, grantOf } from '../testing/access.js';
import { type KitApp, startKit } from '../testing/kit-app.js';

const tenant = newId();
const outcome = z.object({ found: z.boolean() });
const readFile = command('desk.file.read', {
  title: 'Read a file',
  http: 'POST /v1/desk/files',
  says: 'read a file',
  input: z.object({ sha256: z.string() }),
  output: outcome,
});
/** Runs the command above in the name of another person, as an approval does. */
const readAs = command('desk.file.read-as', {
  title: 'Read a file for somebody',
  http: 'POST /v1/desk/files/for/{person}',
  permission: 'desk.file.read',
  says: 'read a file',
  input: z.object({ person: z.string(), sha256: z.string() }),
  output: outcome,
});
const callerOf = (actor: Actor): Caller => ({
  tenant,
  actor,
  channel: 'rest',
  address: null,
  correlationId: 'trace',
  reason: null,
});
const desk = context({
  name: 'desk',
  title: 'Desk',
  bindings: [
    perform(readFile, async ({ sha256 }, { readableFile }) => ({ found: (await readableFile(sha256)) !== null })),
    perform(readAs, async ({ person, sha256 }, { executeAs }) => {
      const answer = await executeAs(callerOf({ kind: 'person', id: person }), readFile, { sha256 }, pinned());
      return isRejection(answer) ? answer : outcome.parse(answer);
    }),
  ],
});
const pinned = () => ({ commandId: newId(), expectedVersion: null });

/** Requester and approver may both read files; a former member has no rights any more. */
const people: Pick<People, 'rightsOf'> = {
  rightsOf: async (_tenant, { id }) =>
    id === 'former' ? null : { grants: [grantOf(['files.file.read'])], incompatible: new Map() },
};

describe('a file that an approved command reads', () => {
  let kit: KitApp;
  beforeAll(async () => {
    kit = await startKit({ contexts: [desk], providers: [{ provide: People, useValue: people }] });
  });
  afterAll(() => kit.close());

  const requestOf = (person: string): OperationRequest => ({
    ...internalRequest({ tenant, actor: { kind: 'person', id: person }, channel: 'rest', traceId: 'trace' }),
    access: async () => accessOfPerson(tenant, person, [readFile.permission!, 'files.file.read']),
  });
  const isFound = async (approver: string, requester: string, sha256: string) => {
    const answer = await kit.app.get(Dispatcher).run(readAs, { person: requester, sha256 }, requestOf(approver));
    return isRejection(answer) ? answer.code : (answer.value as z.infer<typeof outcome>).found;
  };
  const inJob = async (actor: Actor, sha256: string) => {
    const caller = callerOf(actor);
    const trusted: Trusted = { origin: 'job', caller, commandId: newId(), causationId: null, expectedVersion: null };
    const request = internalRequest({ ...caller, traceId: 'trace' });
    return outcome.parse(await kit.app.get(OperationRunner).execute(readFile, { sha256 }, request, trusted)).found;
  };

  it('is the requester’s, not the approver’s, and carrying out the request as a job changes nothing', async () => {
    const [ofAda, ofBob] = [await kit.upload(tenant, 'ada', 'of Ada'), await kit.upload(tenant, 'bob', 'of Bob')];
    expect([await isFound('bob', 'ada', ofAda), await isFound('bob', 'ada', ofBob)]).toEqual([true, false]);
    const ada: Actor = { kind: 'person', id: 'ada' };
    expect([await inJob(ada, ofAda), await inJob(ada, ofBob)]).toEqual([true, false]);
  });

  it('is not found once the requester has left', async () => {
    const sha256 = await kit.upload(tenant, 'former', 'of a former member');
    expect(await isFound('bob', 'former', sha256)).toBe(false);
    expect(await inJob({ kind: 'person', id: 'former' }, sha256)).toBe(false);
  });

  it('is any file for the system itself', async () => {
    const sha256 = await kit.upload(tenant, 'ada', 'for the system');
    expect(await inJob({ kind: 'system', id: 'set-up' }, sha256)).toBe(true);
  });
});
