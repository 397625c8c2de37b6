import { fileURLToPath } from 'node:url';
import { expectGolden } from '@daybook/event-store/testing/golden';
import {
  holdEvents,
  numberConfirmed,
  numberHeld,
  numberVoided,
  reservationConfirmed,
  reservationHeld,
  reservationReleased,
  stepAbandoned,
} from './hold.events.js';

const golden = fileURLToPath(new URL('../../golden', import.meta.url));
const id = (n: number): string => `0199f3a0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const hold = {
  name: id(1),
  step: { stream: `accounting.ledger-${id(2)}-${id(3)}`, revision: -1, commandId: id(4) },
  heldAt: '2026-03-31T12:00:00.000Z',
};
const reservation = { reservationId: id(5), field: 'accounting.company.registration-number' };
const number = { series: 'identity.review', companyId: null, period: '2026', number: 1 };
const reason = 'The command that held it was never finished.';

const samples = [
  () =>
    expectGolden(
      reservationHeld,
      (['take', 'leave'] as const).map((purpose) => ({ ...hold, ...reservation, owner: id(3), purpose })),
      golden,
    ),
  () => expectGolden(reservationConfirmed, [{ ...reservation, name: id(1) }], golden),
  () => expectGolden(reservationReleased, [{ ...reservation, name: id(1), reason }], golden),
  () =>
    expectGolden(
      numberHeld,
      [
        { ...hold, ...number },
        { ...hold, ...number, companyId: id(3), period: '' },
      ],
      golden,
    ),
  () => expectGolden(numberConfirmed, [{ ...number, name: id(1) }], golden),
  () => expectGolden(numberVoided, [{ ...number, name: id(1), reason }], golden),
  () => expectGolden(stepAbandoned, [{ commandId: id(4), hold: id(1) }], golden),
];

describe('events of holds', () => {
  it('keep their stored format', () => {
    expect(samples).toHaveLength(holdEvents.length);
    for (const sample of samples) sample();
  });
});
