import { pinnedBy } from './if-match.js';

const of = (header: string | null) => {
  const { version, refused } = pinnedBy(header);
  return refused ? `${refused.status} ${refused.code}` : version;
};

describe('If-Match', () => {
  it.each([
    [null, null],
    ['"3"', 3],
    ['"0"', 0],
    [' "3" ', 3],
    ['"3", "3"', 3],
  ])('%j pins %j', (header, version) => expect(of(header)).toBe(version));

  it('compares strongly: a weak tag never matches', () => {
    expect(of('W/"3"')).toBe('412 platform.version-weak');
    expect(of('W/"3", W/"4"')).toBe('412 platform.version-weak');
    expect(of('W/"3", "4"')).toBe(4);
    expect(of('"4",W/"3"')).toBe(4);
  });

  it.each(['*', '"3", "4"', '', 'seven', '3', '"seven"', '"03"', '"1234567890"', '"3" "4"', '"3",', 'w/"3"', '*, "3"'])(
    'refuses %j, which pins no one version',
    (header) => expect(of(header)).toBe('400 platform.version-invalid'),
  );

  it('says what to send', () => {
    expect(pinnedBy('*').refused?.message).toContain('pins no version');
    expect(pinnedBy('"3", "4"').refused?.message).toContain('several versions');
    expect(pinnedBy('W/"3"').refused?.message).toContain('never match. Send the version in plain quotes: "3".');
  });
});
