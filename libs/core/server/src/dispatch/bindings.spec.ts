import {
  type ApprovableDeclaration,
  command as declareCommand,
  type CommandOperation,
  guarded,
  type Operation,
  opaque,
  query,
  reject,
} from '@daybook/kernel';
import * as z from 'zod';
import { context, perform } from '../context.js';
import { Bindings } from './bindings.js';

const email = guarded(z.string().nullable(), 'people.person.email', 'E-mail address of a person');

describe('an operation whose guarded fields cannot be hidden', () => {
  const bound = (output: z.ZodType) => {
    const operation = query('people.person.list', {
      title: 'List people',
      http: 'GET /v1/people/people',
      permission: 'people.person.read',
      input: z.object({}),
      output,
    });
    const bindings = [perform({ ...operation, currentOnly: true } as Operation, async () => null)];
    return () => new Bindings([context({ name: 'people', title: 'People', bindings })]);
  };

  it.each([
    [
      'because it does not accept null',
      z.object({ items: z.array(z.object({ email: guarded(z.string(), 'a.b.c', 'C') })) }),
      'items[].email is guarded and cannot be hidden: it does not accept null',
    ],
    [
      'because it is the key of a map',
      z.object({ by: z.record(guarded(z.string(), 'a.b.c', 'C'), z.string()) }),
      'by is guarded and cannot be hidden: it is in the key of a record',
    ],
    ['because a set holds it', z.object({ all: z.set(email) }), 'all is guarded and cannot be hidden: it is in a set'],
    [
      'because it is opaque and does not accept null',
      z.object({
        input: opaque(
          z
            .unknown()
            .nonoptional()
            .refine((v) => v !== null),
        ),
      }),
      'input is guarded and cannot be hidden',
    ],
  ])('%s is rejected at start, with operation and path', (_, output, sentence) => {
    // prettier-ignore
    expect(bound(output)).toThrow('The operation people.person.list cannot be served.');
    expect(bound(output)).toThrow(sentence);
  });

  it('is served when all of them can be hidden', () => {
    expect(
      bound(z.object({ items: z.array(z.object({ email })), to: z.tuple([email, email.optional()]) })),
    ).not.toThrow();
  });
});

describe('a command that may wait for approval', () => {
  const command = (more: Partial<ApprovableDeclaration> = {}) =>
    declareCommand('people.person.hire', {
      title: 'Hire a person',
      http: 'POST /v1/people/people',
      says: 'hired',
      input: z.object({}),
      approvable: { summary: () => 'Somebody', ...more },
    });
  const started = (one: CommandOperation) => () =>
    new Bindings([context({ name: 'people', title: 'People', bindings: [perform(one, async () => reject('a.b', 'No'))] })]); // prettier-ignore

  it('is rejected at start where no permission reads what it is about, which would hide its requests from everybody', () => {
    expect(started(command())).toThrow('no permission is called people.person.read: say readBy');
    expect(started(command({ readBy: 'people.person.hire' }))).not.toThrow();
  });
});
