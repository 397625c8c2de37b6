import { dictionary } from '@zxcvbn-ts/language-common';
import fc from 'fast-check';
import { passwordProblem } from './password-rules.js';
import { newPassword } from './session.schema.js';

const codeOf = async (password: string, context = {}) => (await passwordProblem(password, context))?.code ?? null;

describe('a new password', () => {
  it('takes 8 to 128 characters as a person counts them, any of them, and no rule asks for digits or capitals', async () => {
    expect(await codeOf('kvist tare')).toBeNull();
    expect(await codeOf('ただの文だけですよね')).toBeNull();
    expect(await codeOf('🦊🌲🏔️🐻🍄🌧️🪵🛶')).toBeNull();
    expect(await codeOf('kvist t')).toBe('too-short');
    // Seven characters, of two units each.
    expect(await codeOf('🦊🌲🐻🍄🪵🛶🏔')).toBe('too-short');
    expect(await codeOf('kvist tare '.repeat(11))).toBeNull();
    expect(await codeOf('abcdefgh '.repeat(20))).toBe('too-long');
    expect(newPassword.safeParse('kvist t').success).toBe(false);
    expect(newPassword.safeParse('k'.repeat(129)).success).toBe(false);
    expect(newPassword.safeParse('kvist tare').success).toBe(true);
  });

  it('is refused when it is a common one, with digits and signs around it or not', async () => {
    for (const password of ['password', 'PASSWORD', 'Password1', '12345678', 'iloveyou', 'qwertyuiop', '1qaz2wsx']) {
      expect([password, await codeOf(password)]).toEqual([password, 'too-common']);
    }
    expect(await codeOf('superman!!!')).toBe('too-common');
    expect(await codeOf('ｐａｓｓｗｏｒｄ')).toBe('too-common');
    expect(await codeOf('aaaaaaaaaaaa')).toBe('too-common');
  });

  it('is refused when it is one of the 3000 most common ones that fit the length', async () => {
    const fitting = dictionary['passwords-common'].filter((word) => word.length >= 8);
    expect(fitting.length).toBeGreaterThan(15_000);
    const taken = await Promise.all(fitting.slice(0, 3_000).map(async (word) => [word, await codeOf(word)] as const));
    expect(taken.filter(([, code]) => code === null)).toEqual([]);
  });

  it('is refused when it follows from product, person or tenant', async () => {
    const context = { email: 'kari.nordmann@fjordkaffe.no', name: 'Kari Nordmann', tenants: ['Fjord Kaffe AS'] };
    for (const password of [
      'Daybook2026',
      'kari.nordmann',
      'KariNordmann1',
      'kari nordmann',
      'fjordkaffe.no',
      'FjordKaffeAS!',
    ]) {
      expect([password, await codeOf(password, context)]).toEqual([password, 'guessable']);
    }
    expect(await codeOf('kaffe i fjorden hos Kari', context)).toBeNull();
  });

  it('points at the field it was typed in', async () => {
    expect(await passwordProblem('password', {}, '/next')).toMatchObject({ pointer: '/next', code: 'too-common' });
  });

  it('gets the same verdict each time, for any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 150 }), async (password) => {
        const first = await codeOf(password);
        expect(await codeOf(password)).toBe(first);
        const length = [...password.normalize('NFKC').toLowerCase()].length;
        if (length < 8) expect(first).toBe('too-short');
        if (length > 128) expect(first).toBe('too-long');
      }),
    );
  });
});
