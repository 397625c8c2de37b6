import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { identityDatabase } from '../testing/identity-database.js';
import { MfaMethods } from './mfa-methods.js';
import { Passkeys } from './passkeys.js';
import { recoveryCodeCount, RecoveryCodes } from './recovery-codes.js';
import { SoftwareAuthenticator } from './testing/authenticator.js';
import { Tickets } from './tickets.js';
import { Totp } from './totp.js';

describe('passkeys', () => {
  const people = identityDatabase();
  const passkeys = (url = 'http://localhost:3000') =>
    new Passkeys({ em: people.em, tickets: new Tickets({ em: people.em }), publicUrl: url });
  const mfaMethods = () => {
    const { em, secret } = people;
    return new MfaMethods({
      em,
      totp: new Totp({ em, secret }),
      recoveryCodes: new RecoveryCodes({ em, secret }),
      passkeys: passkeys(),
    });
  };
  const kari = () => ({ id: randomUUID(), name: 'Kari', email: 'kari@example.org' });
  const added = async (keys = passkeys(), device = new SoftwareAuthenticator()) => {
    const person = kari();
    const { ticket, options } = await keys.creationOptions(person);
    const passkeyId = await keys.add(person.id, { ticket, name: 'Laptop', response: device.create(options) });
    if (passkeyId === null) throw new Error('The passkey was refused');
    return { person: person.id, device, passkeyId };
  };
  const signIn = async (device: SoftwareAuthenticator, behaviour = {}, keys = passkeys()) => {
    const { ticket, options } = await keys.assertionOptions();
    return keys.check({ ticket, response: device.get(options, behaviour) });
  };

  it('are discoverable, require user verification, and name their owner', async () => {
    const { options } = await passkeys().creationOptions(kari());
    expect(options).toMatchObject({
      rp: { id: 'localhost' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      timeout: 300_000,
    });
    const { person, device, passkeyId } = await added();
    const asked = (await passkeys().assertionOptions()).options;
    expect(asked).toMatchObject({ userVerification: 'required' });
    expect(asked['allowCredentials'] ?? []).toEqual([]);
    expect(await signIn(device)).toBe(person);
    expect(await signIn(device)).toBe(person);
    // Without a known person, the passkey has to name its owner (WebAuthn level 3, 7.2).
    const unnamed = await passkeys().assertionOptions();
    const answer = device.get(unnamed.options) as { response: object };
    const response = { ...answer, response: { ...answer.response, userHandle: null } };
    expect(await passkeys().check({ ticket: unnamed.ticket, response })).toBeNull();
    const [row] = await passkeys().list(person);
    expect(row).toMatchObject({ passkeyId, name: 'Laptop', synced: false });
    expect(row?.lastUsedAt).not.toBeNull();
    expect(await passkeys().list(randomUUID())).toEqual([]);
  });

  it('are refused from a wrong origin, for another site, or without user verification', async () => {
    const keys = passkeys('https://books.example.org');
    const device = new SoftwareAuthenticator('https://books.example.org');
    const { person } = await added(keys, device);
    expect(await signIn(device, { origin: 'https://books.example.org.evil.example' }, keys)).toBeNull();
    expect(await signIn(device, { origin: 'http://localhost:3000' }, keys)).toBeNull();
    expect(await signIn(device, { rpId: 'evil.example' }, keys)).toBeNull();
    expect(await signIn(device, { userVerified: false }, keys)).toBeNull();
    expect(await signIn(device, {}, keys)).toBe(person);
    for (const behaviour of [{ origin: 'https://evil.example' }, { rpId: 'evil.example' }, { userVerified: false }]) {
      const somebody = kari();
      const { ticket, options } = await keys.creationOptions(somebody);
      const response = new SoftwareAuthenticator(device.origin).create(options, behaviour);
      expect(await keys.add(somebody.id, { ticket, name: 'x', response })).toBeNull();
    }
  });

  it('of localhost work on any port, and nowhere else', async () => {
    const { person, device } = await added();
    expect(await signIn(device, { origin: 'http://localhost:4200' })).toBe(person);
    for (const origin of ['http://localhost.evil.example:4200', 'http://127.0.0.1:4200', 'null', '']) {
      expect(await signIn(device, { origin })).toBeNull();
    }
  });

  it('are refused if the signature counter does not increase, since the key was cloned', async () => {
    const { person, device } = await added();
    expect(await signIn(device, { counter: 7 })).toBe(person);
    expect(await signIn(device, { counter: 7 })).toBeNull();
    expect(await signIn(device, { counter: 3 })).toBeNull();
    expect(await signIn(device, { counter: 8 })).toBe(person);
  });

  it('without a counter work any number of times', async () => {
    const { person, device } = await added();
    expect(await signIn(device, { counter: 0 })).toBe(person);
    expect(await signIn(device, { counter: 0 })).toBe(person);
  });

  it('answer each challenge once, and only the one that was asked', async () => {
    const { device } = await added();
    const { ticket, options } = await passkeys().assertionOptions();
    // Without a counter, so that nothing but the challenge tells the second answer from the first.
    const response = device.get(options, { counter: 0 });
    expect(await passkeys().check({ ticket, response })).not.toBeNull();
    expect(await passkeys().check({ ticket, response })).toBeNull();
    expect(await signIn(device, { challenge: 'bm90IHRoZSBvbmU' })).toBeNull();
    expect(await passkeys().check({ ticket: 'made up', response })).toBeNull();
    const late = await passkeys().assertionOptions();
    await people.ask('update identity.tickets set expires_at = now()');
    expect(await passkeys().check({ ticket: late.ticket, response: device.get(late.options) })).toBeNull();
  });

  it('are refused when another key signed, or another person is named', async () => {
    const [mine, theirs] = [await added(), await added()];
    const { ticket, options } = await passkeys().assertionOptions();
    const [response, foreign] = [mine.device.get(options), theirs.device.get(options)];
    const mixed = { ...response, response: { ...(foreign['response'] as object) } };
    expect(await passkeys().check({ ticket, response: mixed })).toBeNull();
    const again = await passkeys().assertionOptions();
    const passkey = { ticket: again.ticket, response: theirs.device.get(again.options) };
    expect(await mfaMethods().check(mine.person, { passkey })).toBeNull();
  });

  it('reject malformed answers without an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), async (response, inner) => {
        const { ticket } = await passkeys().assertionOptions();
        const shaped = { id: 'x', rawId: 'x', type: 'public-key', response: inner };
        expect(await passkeys().check({ ticket, response })).toBeNull();
        expect(await passkeys().add(randomUUID(), { ticket, name: 'x', response: shaped })).toBeNull();
      }),
      { numRuns: 25 },
    );
  });

  it('are added once, and removed only by their owner', async () => {
    const { person, device, passkeyId } = await added();
    const { ticket, options } = await passkeys().creationOptions({ id: person, name: null, email: null });
    expect(options['excludeCredentials']).toHaveLength(1);
    expect(await passkeys().add(person, { ticket, name: 'again', response: device.create(options) })).toBeNull();
    await mfaMethods().codes.make(person, 'added');
    expect(await mfaMethods().remove(randomUUID(), { passkeyId }, null)).toBeNull();
    expect(await mfaMethods().codes.left(person)).toBe(recoveryCodeCount);
    expect(await mfaMethods().remove(person, { passkeyId }, null)).toEqual([]);
    expect(await mfaMethods().codes.left(person)).toBe(0);
    expect(await signIn(device)).toBeNull();
  });
});
