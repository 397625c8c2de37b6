/** A message to one person in plain text: links are visible, and opening it loads nothing. */
export interface Message {
  /** The bare address: `kari@example.org`. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The id of the person or invitation it is about. Never sent; used to erase stored messages. */
  readonly about: string;
}

export interface Mail {
  /** Resolves when the server has accepted it. Rejects with `MailNotSent`, which contains no personal data. */
  send(message: Message): Promise<void>;
  /** Erases stored messages about this id and resolves to their number. Delivered messages are out of reach. */
  forget(about: string): Promise<number>;
  close(): Promise<void>;
}

/** A message was not sent. Safe to log, unlike the replies of servers, which contain the address. */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
  constructor(
    /** `ECONNECTION`, `EAUTH`, `EENVELOPE` … */
    readonly code: string,
    /** SMTP reply code (RFC 5321, 4.2.1): 5xx is permanent. */
    readonly status: number | null,
  ) {
    super(`A message was not sent (${code}${status === null ? '' : `, status ${status}`})`);
  }
}
