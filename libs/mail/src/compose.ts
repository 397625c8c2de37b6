import MailComposer from 'nodemailer/lib/mail-composer';
import type { Message } from './port.js';

/** RFC 3834: no automatic answers to what a program wrote. */
const headers = { 'Auto-Submitted': 'auto-generated' };

export const mailOf = (from: string, message: Message) => ({
  from,
  // As an object, so that a comma or a name in the text never makes it two recipients.
  to: { name: '', address: message.to },
  subject: message.subject,
  text: message.text,
  headers,
});

/** The whole message as it goes over the wire (RFC 5322). */
export const compose = (from: string, message: Message): Promise<Buffer> =>
  new MailComposer(mailOf(from, message)).compile().build();
