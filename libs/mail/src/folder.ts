import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compose } from './compose.js';
import { type Mail, MailNotSent } from './port.js';

/**
 * For development: one `.eml` a message, which any mail program opens. The name says when it was written and nothing of
 * whom it is for; only who runs the program may read it.
 */
export function folderMail({ directory, from }: { readonly directory: string; readonly from: string }): Mail {
  return {
    async send(message) {
      const name = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${randomUUID()}.eml`;
      const content = await compose(from, message);
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        // By one rename, so that nobody reads half a message.
        await writeFile(join(directory, `${name}.part`), content, { mode: 0o600 });
        await rename(join(directory, `${name}.part`), join(directory, name));
      } catch (error) {
        throw new MailNotSent((error as NodeJS.ErrnoException).code ?? 'EFOLDER', null);
      }
    },
    async forget(address) {
      const wanted = await recipientOf(await compose(from, { to: address, subject: '', text: '' }));
      let forgotten = 0;
      for (const name of await namesIn(directory)) {
        const path = join(directory, name);
        const content = await readFile(path).catch(() => null);
        if (content === null || recipientOf(content) !== wanted) continue;
        await rm(path, { force: true });
        forgotten++;
      }
      return forgotten;
    },
    close: async () => undefined,
  };
}

const namesIn = async (directory: string): Promise<string[]> => {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => /\.eml(\.part)?$/.test(name));
};

/** The To header as composed, unfolded: two messages to one address have the same, whatever their encoding. */
function recipientOf(content: Buffer): string | null {
  const [head = ''] = content.toString('latin1').split('\r\n\r\n', 1);
  const unfolded = head.replaceAll(/\r\n[ \t]+/g, ' ');
  return /^to:(.*)$/im.exec(unfolded)?.[1]?.trim().toLowerCase() ?? null;
}
