import { invitationMail, nameInMail } from './messages.js';

const link = 'https://books.example.org/invitation#token=abc';
const mail = (tenantName: string, by: string | null = 'ingrid@fjord.example') =>
  invitationMail({ tenantName, by }, link, 14);

describe('an invitation by mail', () => {
  it('contains only its own link, whatever the tenant is called', () => {
    for (const name of [
      'Visit https://evil.example/login now',
      'evil.example/login',
      'www.evil.example',
      'http://10.0.0.1/',
      'mail boss@evil.example',
      'evil\u3002example',
      'evil\uff0eexample',
      'javascript://evil.example',
    ]) {
      const { subject, text } = mail(name);
      const rest = text.replace(link, '').replace('ingrid@fjord.example', '');
      for (const part of [subject, rest]) expect(part).not.toMatch(/:\/\/|@|\w\.\w{2,}|[\u3002\uff0e]\w/);
    }
  });

  it('keeps one subject and one sentence, whatever line breaks and hidden characters an old name contains', () => {
    const { subject, text } = mail('Fjord\r\nBcc: x\u202e" with Daybook.\n\nCall us');
    expect(subject).toBe("You are invited to Fjord Bcc: x ' with Daybook. Call us");
    expect(text.split('\n')[0]).toBe(`You are invited to work in "Fjord Bcc: x ' with Daybook. Call us" with Daybook.`);
    expect(text.match(/"/g)).toHaveLength(2);
  });

  it('leaves ordinary names unchanged, and shortens long ones only in the subject', () => {
    for (const name of ['Fjord A.S', 'St. Olavs Hospital', 'O’Brien & Sønner AS', '株式会社 東京', 'No. 1']) {
      expect(nameInMail(name)).toBe(name);
    }
    expect(nameInMail('Booking.com')).toBe('Booking[.]com');
    const long = mail('x'.repeat(100));
    expect(long.subject.length).toBeLessThan(90);
    expect(long.text).toContain('x'.repeat(100));
  });

  it('names the verified address of the inviter, or says that there is none', () => {
    expect(mail('Fjord').text).toContain('Invited by: ingrid@fjord.example\n');
    expect(mail('Fjord', null).text).toContain('no longer has an address here');
  });
});
