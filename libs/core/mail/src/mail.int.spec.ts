import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { canMount, smallDisk } from '@daybook/postgres/testing/small-disk';
import { SMTPServer } from 'smtp-server';
import { type Mail, MailNotSent, type Message, openMail } from './index.js';

const withDisk = canMount ? it : it.skip; // mounting needs privileges that not every machine grants

const from = 'Daybook <daybook@example.org>';
const link = 'https://daybook.example.org/invitation#token=3YxvQw-_0123456789abcdefghijklmnopqrstuvwxyzABCDEF';
const message: Message = {
  to: 'kari.nordmann@example.org',
  subject: 'Du er invitert til Ærlig Regnskap',
  text: `Hei,\n\nOpen this link:\n${link}\n`,
  about: '0190a1b2-0000-7000-8000-0000000000c1',
};

/** One received message: the envelope if there is one, and the raw message. */
interface Taken {
  readonly to: string;
  readonly raw: string;
}
interface Place {
  readonly mail: Mail;
  taken(): Promise<Taken[]>;
  close(): Promise<void>;
}

/** Decodes quoted-printable (RFC 2045, 6.7), which messages use beyond ASCII. */
const bodyOf = (raw: string): string => {
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  if (!/content-transfer-encoding: quoted-printable/i.test(raw)) return body;
  return body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
};

async function folder(): Promise<Place & { directory: string }> {
  const directory = join(await mkdtemp(join(tmpdir(), 'daybook-mail-')), 'mail');
  const mail = openMail({ to: directory, from });
  const read = async (name: string) => {
    const raw = await readFile(join(directory, name), 'utf8');
    return { raw, to: /^To: (.*)$/m.exec(raw)?.[1]?.trim() ?? '' };
  };
  return {
    mail,
    directory,
    taken: async () => Promise.all((await readdir(directory).catch(() => [])).sort().map(read)),
    close: async () => {
      await mail.close();
      await rm(join(directory, '..'), { recursive: true, force: true });
    },
  };
}

async function smtp(): Promise<Place & { url: string }> {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      void text(stream).then((raw) => {
        taken.push({ raw, to: session.envelope.rcptTo.map(({ address }) => address).join() });
        done();
      });
    },
    onRcptTo: ({ address }, _, done) =>
      done(address.startsWith('nobody') ? Object.assign(new Error(`no ${address}`), { responseCode: 550 }) : null),
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.server.address() as AddressInfo;
  const url = `smtp://127.0.0.1:${port}`;
  const mail = openMail({ to: url, from });
  return {
    mail,
    url,
    taken: async () => taken,
    close: async () => {
      await mail.close();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

describe.each([
  ['a folder', folder],
  ['SMTP', smtp],
])('mail to %s', (_, open) => {
  let place: Place;
  beforeEach(async () => void (place = await open()));
  afterEach(() => place.close());

  it('arrives once at the one recipient, with sender, subject and text', async () => {
    await place.mail.send(message);
    const [one, ...more] = await place.taken();
    expect(more).toEqual([]);
    expect(one?.to).toBe(message.to);
    if (_ === 'SMTP') expect(one?.raw).not.toContain(message.about);
    expect(one?.raw).toMatch(/^From: Daybook <daybook@example\.org>\r?$/m);
    expect(one?.raw).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(one?.raw).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
    expect(bodyOf(one?.raw ?? '').split(/\r?\n/)).toContain(link);
  });

  it('has one recipient and no injected headers, whatever address and subject contain', async () => {
    const sly = { ...message, subject: 'Hei\r\nBcc: else@example.org' };
    await place.mail.send(sly);
    await place.mail.send({ ...message, to: 'kari@example.org, else@example.org' }).catch(() => undefined);
    for (const { raw, to } of await place.taken()) {
      expect(raw).not.toMatch(/^Bcc:/im);
      // A comma within quotes is part of the address.
      expect(to.replaceAll(/"[^"]*"/g, '')).not.toContain(',');
    }
  });

  it('erases nothing for somebody without messages', async () => {
    await place.mail.send(message);
    await expect(place.mail.forget('0190a1b2-0000-7000-8000-0000000000c2')).resolves.toBe(0);
    expect(await place.taken()).toHaveLength(1);
  });
});

describe('a folder of mail', () => {
  let place: Place & { directory: string };
  beforeEach(async () => void (place = await folder()));
  afterEach(() => place.close());

  it('has files that only their owner can read, with names without personal data', async () => {
    await place.mail.send(message);
    const [name = ''] = await readdir(place.directory);
    expect(name).toMatch(/^\d{4}-\d\d-\d\dT[\d-]+Z-[0-9a-f-]{36}\.eml$/);
    expect((await stat(join(place.directory, name))).mode & 0o777).toBe(0o600);
  });

  it('erases all messages about a person, whatever the address, and keeps others to the same address', async () => {
    const other = { ...message, about: '0190a1b2-0000-7000-8000-0000000000c2' };
    for (const one of [message, { ...message, to: 'ola@example.org' }, other]) await place.mail.send(one);
    expect(await place.mail.forget(message.about)).toBe(2);
    expect((await place.taken()).map(({ to }) => to)).toEqual([message.to]);
  });

  it('has nothing to erase before the first message', async () => {
    await expect(place.mail.forget(message.about)).resolves.toBe(0);
  });

  it('reports a message as not sent when it cannot be written', async () => {
    await writeFile(place.directory, 'a file where the folder should be');
    await expect(place.mail.send(message)).rejects.toThrow(MailNotSent);
    await rm(place.directory);
  });
});

describe('a mail server', () => {
  it('that rejects a message is reported without the address', async () => {
    const place = await smtp();
    const refused = await place.mail.send({ ...message, to: 'nobody@example.org' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MailNotSent);
    expect(refused).toMatchObject({ code: 'EENVELOPE', status: 550 });
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain('nobody');
    await place.close();
  });

  it('that is unavailable means a message not sent', async () => {
    const place = await smtp();
    await place.close();
    await expect(place.mail.send(message)).rejects.toMatchObject({ name: 'MailNotSent', status: null });
  });

  it('gets no password over an unencrypted connection', async () => {
    const place = await smtp();
    const mail = openMail({ to: place.url.replace('//', '//user:secret@'), from });
    await expect(mail.send(message)).rejects.toThrow(MailNotSent);
    expect(await place.taken()).toEqual([]);
    await mail.close();
    await place.close();
  });
});

describe('a mail folder on a full disk', () => {
  withDisk(
    'rejects a message with the error code, leaves nothing behind, and accepts it once there is space',
    async () => {
      const disk = smallDisk(64);
      const mail = openMail({ to: join(disk.path, 'mail'), from });
      await mail.send(message);
      disk.fill();
      await expect(mail.send({ ...message, text: 'x'.repeat(8_000) })).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(await readdir(join(disk.path, 'mail'))).toHaveLength(1);
      disk.empty();
      await mail.send(message);
      expect(await readdir(join(disk.path, 'mail'))).toHaveLength(2);
      await mail.close();
      disk.remove();
    },
  );
});
