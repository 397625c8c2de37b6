import fc from 'fast-check';
import { deviceOf } from './device.js';

describe('a device', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0', 'Edge on Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15', 'Safari on macOS'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/143.0 Mobile/15E148 Safari/604.1', 'Chrome on iPhone'],
    ['Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['daybook/1.0', 'Daybook command line'],
    ['curl/8.5.0', 'curl'],
    ['SomeBot (Linux)', 'A program on Linux'],
    ['', 'An unknown device'],
    [null, 'An unknown device'],
  ])('is described in plain words: %s', (userAgent, words) => {
    expect(deviceOf(userAgent)).toBe(words);
  }); // prettier-ignore

  it('never repeats text of the header', () => {
    fc.assert(
      fc.property(fc.string(), (userAgent) => {
        expect(deviceOf(userAgent)).toMatch(/^[A-Z c][A-Za-z. ]{2,40}$/);
      }),
    );
  });
});
