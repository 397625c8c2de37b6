import { notesBinding } from '../testing/notes.js';
import { StreamState } from './stream-state.js';

describe('the state of a stream', () => {
  it('weighs its commands too', () => {
    const state = new StreamState(notesBinding, { text: 'x' });
    const before = state.bytes;
    for (let revision = 0; revision < 1_000; revision++) state.commands.add(`0199a9b2-0000-7000-8000-${String(revision).padStart(12, '0')}`, revision); // prettier-ignore
    expect(state.bytes - before).toBeGreaterThan(12_000);
  });
});
