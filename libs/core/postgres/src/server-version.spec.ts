import type { ClientBase } from 'pg';
import { requireVersion } from './server-version.js';

const server = (number: string, name: string): ClientBase =>
  ({ query: async () => ({ rows: [{ number, name }] }) }) as unknown as ClientBase;

describe('a database server', () => {
  it.each([
    ['150014', '15.14 (Debian 15.14-0+deb12u1)', '15.14'],
    ['160010', '16.10', '16.10'],
    ['90624', '9.6.24', '9.6.24'],
  ])('that is too old is refused in one sentence that names it and what is needed: %s', async (number, name, found) => {
    await expect(requireVersion(server(number, name))).rejects.toThrow(
      `The database at DATABASE_URL is PostgreSQL ${found}, and Daybook needs PostgreSQL 17 or newer; nothing in it was changed.`,
    );
  });

  it.each([
    ['170000', '17.0'],
    ['180001', '18.1'],
    ['190000', '19devel'],
  ])('that is new enough is taken: %s', async (number, name) => {
    await expect(requireVersion(server(number, name))).resolves.toBeUndefined();
  });
});
