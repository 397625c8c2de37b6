import MailComposer from 'nodemailer/lib/mail-composer';
import type { Message } from './port.js';

/** RFC 3834: suppresses automatic replies. */
const automatic = { 'Auto-Submitted': 'auto-generated' };

export const mailOf = (from: string, message: Message, headers: Readonly<Record<string, string>> = {}) => ({
  from,
  // As an object, so that a comma in the address never makes it two recipients.
  to: { name: '', address: message.to },
  subject: message.subject,
  text: message.text,
  headers: { ...automatic, ...headers },
});

/** The complete message as it is sent (RFC 5322). */
export const compose = (from: string, message: Message, headers?: Readonly<Record<string, string>>): Promise<Buffer> =>
  new MailComposer(mailOf(from, message, headers)).compile().build();
