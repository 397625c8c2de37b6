import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The text after `#token=`; '' without a link. */
  readonly token: string;
}

/** Mails in the data folder of a spec, the oldest first. */
export class Mailbox {
  constructor(private readonly directory: string) {}

  async all(): Promise<Letter[]> {
    const names = await readdir(this.directory).catch(() => []);
    const letters = names.filter((name) => name.endsWith('.eml')).sort();
    return Promise.all(letters.map(async (name) => letterOf(await readFile(join(this.directory, name), 'utf8'))));
  }

  async to(address: string): Promise<Letter[]> {
    return (await this.all()).filter(({ to }) => to === address);
  }

  /** Waits for the letter of that number to an address: some are sent after the answer. */
  letter(address: string, number = 1): Promise<Letter> {
    return this.find(`letter ${number} to ${address}`, (letter) => letter.to === address, number);
  }

  /** Waits for the letter with this subject, whatever came before. */
  about(address: string, subject: string): Promise<Letter> {
    return this.find(`letter "${subject}" to ${address}`, (l) => l.to === address && l.subject === subject, 1);
  }

  /** Waits for the letter with a link of that number, whatever came between. */
  link(address: string, number = 1): Promise<Letter> {
    const wanted = ({ to, token }: Letter) => to === address && token !== '';
    return this.find(`link ${number} to ${address}`, wanted, number);
  }

  private async find(what: string, wanted: (letter: Letter) => boolean, number: number): Promise<Letter> {
    for (let waited = 0; waited < 15_000; waited += 20) {
      const letter = (await this.all()).filter(wanted)[number - 1];
      if (letter) return letter;
      await sleep(20);
    }
    throw new Error(`There is no ${what}`);
  }
}

function letterOf(raw: string): Letter {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const plain = /quoted-printable/i.test(head)
    ? body
        .replaceAll('=\r\n', '')
        .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : body;
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'mi').exec(head)?.[1]?.trim() ?? '';
  return {
    to: header('To'),
    subject: header('Subject'),
    text: plain,
    token: /#token=([\w-]+)/.exec(plain)?.[1] ?? '',
  };
}
