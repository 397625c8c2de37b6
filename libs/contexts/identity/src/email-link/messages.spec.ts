import { invitationMail, nameInMail } from './messages.js';

const link = 'https://books.example.org/invitation#token=abc';
const mail = (tenantName: string, by: string | null = 'ingrid@fjord.example') =>
  invitationMail({ tenantName, by }, link, 14);

describe('an invitation by mail', () => {
  it('has one link, its own, whatever the tenant is called', () => {
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

  it('stays one subject and one sentence, whatever lines and hidden characters an old name holds', () => {
    const { subject, text } = mail('Fjord\r\nBcc: x\u202e" with Daybook.\n\nCall us');
    expect(subject).toBe("You are invited to Fjord Bcc: x ' with Daybook. Call us");
    expect(text.split('\n')[0]).toBe(`You are invited to work in "Fjord Bcc: x ' with Daybook. Call us" with Daybook.`);
    expect(text.match(/"/g)).toHaveLength(2);
  });

  it('leaves ordinary names as they are, and shortens long ones in the subject alone', () => {
    for (const name of ['Fjord A.S', 'St. Olavs Hospital', 'O’Brien & Sønner AS', '株式会社 東京', 'No. 1']) {
      expect(nameInMail(name)).toBe(name);
    }
    expect(nameInMail('Booking.com')).toBe('Booking[.]com');
    const long = mail('x'.repeat(100));
    expect(long.subject.length).toBeLessThan(90);
    expect(long.text).toContain('x'.repeat(100));
  });

  it('says by whose verified address it comes, or that there is none', () => {
    expect(mail('Fjord').text).toContain('Invited by: ingrid@fjord.example\n');
    expect(mail('Fjord', null).text).toContain('no longer has an address here');
  });
});
