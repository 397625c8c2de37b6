import { command, guarded, query } from '@daybook/kernel';
import * as z from 'zod';
import { validate } from './validate.js';

const phone = guarded(z.string().max(40), 'people.person.phone', 'Phone number');
const input = z.object({ id: z.string(), phone: phone.optional(), more: z.array(z.object({ phone })).optional(), free: z.string().optional() }); // prettier-ignore
const change = command('people.person.change', {
  title: 'Change a person',
  http: 'PUT /v1/people/people/{id}',
  says: 'changed a person',
  input,
});
const list = query('people.person.list', {
  title: 'List people',
  http: 'GET /v1/people/people',
  permission: 'people.person.read',
  input,
  output: z.object({}),
});

describe('a masked value sent back in a command', () => {
  it.each(['+•••', 'k•••@•••', ' +••• ', '•••', '🙂•••'])('is rejected with its field: %j', (masked) => {
    expect(validate(change, { id: '1', phone: masked })).toMatchObject({
      status: 400,
      errors: [{ pointer: '/phone', code: 'masked' }],
    });
    expect(validate(change, { id: '1', more: [{ phone: '+4712345678' }, { phone: masked }] })).toMatchObject({
      errors: [{ pointer: '/more/1/phone', code: 'masked' }],
    });
  });

  it('is recognised only in its exact form and in guarded fields', () => {
    for (const phone of ['+47 123', 'a • b', '+••••', 'ab•••']) {
      expect(validate(change, { id: '1', phone })).toEqual({ input: { id: '1', phone } });
    }
    expect(validate(change, { id: '+•••', free: '+•••' })).toEqual({ input: { id: '+•••', free: '+•••' } });
    expect(validate(list, { id: '1', phone: '+•••' })).toEqual({ input: { id: '1', phone: '+•••' } });
  });
});
