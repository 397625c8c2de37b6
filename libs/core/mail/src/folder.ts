import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compose } from './compose.js';
import { type Mail, MailNotSent } from './port.js';

/** The subject of a stored message, so that it can be erased with the person. */
const aboutHeader = 'X-Daybook-About';

/**
 * For development: writes one `.eml` file per message, which any mail program opens. The file name contains the time and no
 * personal data; only the user that runs the program can read it.
 */
export function folderMail({ directory, from }: { readonly directory: string; readonly from: string }): Mail {
  return {
    async send(message) {
      const name = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${randomUUID()}.eml`;
      const content = await compose(from, message, { [aboutHeader]: message.about });
      const unfinished = join(directory, `${name}.part`);
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        // Renamed when complete, so that nobody reads half a message.
        await writeFile(unfinished, content, { mode: 0o600 });
        await rename(unfinished, join(directory, name));
      } catch (error) {
        // Half a message would take up space on a full disk.
        await rm(unfinished, { force: true }).catch(() => undefined);
        throw new MailNotSent((error as NodeJS.ErrnoException).code ?? 'EFOLDER', null);
      }
    },
    async forget(about) {
      let forgotten = 0;
      for (const name of await namesIn(directory)) {
        const path = join(directory, name);
        const content = await readFile(path).catch(() => null);
        if (content === null || aboutOf(content) !== about) continue;
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

/** The subject of the message, from a header that only messages in a folder have. */
function aboutOf(content: Buffer): string | null {
  const [head = ''] = content.toString('latin1').split('\r\n\r\n', 1);
  return (
    head
      .split('\r\n')
      .find((line) => line.toLowerCase().startsWith(`${aboutHeader.toLowerCase()}: `))
      ?.slice(aboutHeader.length + 2)
      .trim() ?? null
  );
}
