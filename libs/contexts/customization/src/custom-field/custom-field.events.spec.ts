import { expectGolden } from '@daybook/event-store/testing/golden';
import {
  customFieldChanged,
  customFieldCreated,
  customFieldEvents,
  customFieldRestored,
  customFieldRetired,
} from './custom-field.events.js';

const id = '0190a1b2-0000-7000-8000-0000000000f1';
const samples = [
  () =>
    expectGolden(customFieldCreated, [
      {
        id,
        recordType: 'accounting.account',
        label: 'Region',
        key: 'region',
        kind: 'choice',
        choices: ['North', 'South'],
        required: true,
        personal: false,
        position: 1,
      },
    ]),
  () => expectGolden(customFieldChanged, [{ id, choices: ['North', 'South', 'West'], required: false }]),
  () => expectGolden(customFieldRetired, [{ id }]),
  () => expectGolden(customFieldRestored, [{ id }]),
];

describe('events of custom fields', () => {
  it('keep their stored format', () => {
    expect(samples).toHaveLength(customFieldEvents.length);
    for (const sample of samples) sample();
  });
});
