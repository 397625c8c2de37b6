import { expectGolden } from '@daybook/event-store/testing/golden';
import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { personErased, personRegistered } from '../person/person.events.js';
import type { PersonCommand } from '../person/person.internal.js';
import { personProjection } from '../person/person.projection.js';
import { credentialChanged, personRenamed } from './mfa.events.js';
import { credentialChange, credentialKind } from './mfa.schema.js';
import { given, personId, registered } from '../person/testing/given.js';

const added = credentialChanged.of({ personId, kind: 'passkey', change: 'added' });
const renamed = personRenamed.of({ personId, name: 'Kari Nordmann' });

const record: PersonCommand = {
  name: 'identity.credential.record',
  input: { personId, kind: 'passkey', change: 'added' },
};
const rename: PersonCommand = { name: 'identity.person.rename', input: { personId, name: 'Kari Nordmann' } };

describe('the record of a person', () => {
  it('records every change of a credential', () => {
    expect(given(registered).when(record)).toEqual({ version: 2, events: [added] });
    expect(given(registered, added).when(record)).toEqual({ version: 3, events: [added] });
  });

  it('takes a new name', () => {
    expect(given(registered, added).when(rename)).toEqual({ version: 3, events: [renamed] });
    expect(given(registered, renamed).when(record)).toMatchObject({ version: 3 });
  });

  it('rejects both for an unknown person and for an erased one', () => {
    expect(given().when(record)).toBe('identity.person-not-found');
    expect(given().when(rename)).toBe('identity.person-not-found');
    const erased = personErased.of({ personId });
    expect(given(registered, erased).when(record)).toBe('identity.person-erased');
    expect(given(registered, erased).when(rename)).toBe('identity.person-erased');
  });

  it('is shown under the current name', () => {
    const rows = rowsAfter(personProjection, [
      recorded(personRegistered, registered.data),
      recorded(credentialChanged, added.data),
      recorded(personRenamed, renamed.data),
    ]);
    expect(rows['people']).toMatchObject([{ personId, name: 'Kari Nordmann', email: 'kari@example.org' }]);
  });

  it('matches the golden files', () => {
    const all = credentialKind.options.flatMap((kind) =>
      credentialChange.options.map((change) => ({ personId, kind, change })),
    );
    expectGolden(credentialChanged, all);
    expectGolden(personRenamed, [renamed.data]);
  });
});
