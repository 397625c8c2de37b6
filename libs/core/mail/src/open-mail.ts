import { folderMail } from './folder.js';
import type { Mail } from './port.js';
import { smtpMail } from './smtp.js';

export interface MailOptions {
  /** `smtp://…` or `smtps://…`, or the path of a folder. */
  readonly to: string;
  /** Sender of all messages: an address, or a name and address as in `Daybook <daybook@example.org>`. */
  readonly from: string;
}

export const openMail = ({ to, from }: MailOptions): Mail =>
  /^smtps?:\/\//.test(to) ? smtpMail({ url: to, from }) : folderMail({ directory: to, from });
