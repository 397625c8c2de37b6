/** A message to one person, in plain text: a link stands in it as it is, and nothing is fetched when it is read. */
export interface Message {
  /** The bare address: `kari@example.org`. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The id of the person, or of the invitation, it is about. Never sent: messages that are kept here are forgotten by it. */
  readonly about: string;
}

export interface Mail {
  /** Resolves when the other side has taken it. Otherwise a `MailNotSent`, which names no person. */
  send(message: Message): Promise<void>;
  /** Removes what is kept here of messages about this id; resolves to their number. What was delivered is out of reach. */
  forget(about: string): Promise<number>;
  close(): Promise<void>;
}

/** Why a message was not taken, in words that may be logged: what servers answer names the address. */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
  constructor(
    /** `ECONNECTION`, `EAUTH`, `EENVELOPE` … */
    readonly code: string,
    /** Of SMTP (RFC 5321, 4.2.1): 5xx will not be better tomorrow. */
    readonly status: number | null,
  ) {
    super(`A message was not taken (${code}${status === null ? '' : `, status ${status}`})`);
  }
}
