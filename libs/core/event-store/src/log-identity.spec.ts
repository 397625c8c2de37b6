import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { logIdentified } from './log-identity.js';
import { expectGolden } from './testing/golden.js';

describe('the identity of a log', () => {
  it('is stored as declared', () => {
    const logId = '0199a9b2-0000-7000-8000-000000000001';
    const format = 2;
    const copy = { logId: '0199a9b2-0000-7000-8000-000000000002', format, copyOf: logId };
    const folder = join(dirname(fileURLToPath(import.meta.url)), '../golden');
    expectGolden(logIdentified, [{ logId, format, copyOf: null }, copy], folder);
    expect(logIdentified.record(copy)).toEqual({ type: 'platform.log', id: copy.logId });
  });
});
