import { createTransport } from 'nodemailer';
import { mailOf } from './compose.js';
import { type Mail, MailNotSent } from './port.js';

/** A server that does not respond for this long counts as down. */
const patienceMs = 15_000;

/**
 * Mail over SMTP: `smtp://user:password@host:587` uses STARTTLS and, with a user, requires it, so that the password is never
 * sent in the clear; `smtps://` is TLS from the start.
 */
export function smtpMail({ url, from }: { readonly url: string; readonly from: string }): Mail {
  const { protocol, username, password, hostname, port } = new URL(url);
  const secure = protocol === 'smtps:';
  const auth = username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  const transport = createTransport({
    host: hostname.replaceAll(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && username !== '',
    ...(username === '' ? {} : { auth }),
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(message) {
      try {
        await transport.sendMail(mailOf(from, message));
      } catch (error) {
        const { code, responseCode } = error as { code?: string; responseCode?: number };
        throw new MailNotSent(code ?? 'ESMTP', responseCode ?? null);
      }
    },
    forget: async () => 0,
    close: async () => transport.close(),
  };
}
