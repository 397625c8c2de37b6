import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A proxy between the program and its database, for specs of outages. */
export interface DatabaseProxy {
  /** The server's URL through the proxy. */
  through(url: string): string;
  /** Connections that were attempted so far. */
  readonly asked: number;
  /** Connections open now. */
  readonly open: number;
  /** Closes all open connections; new ones pass. */
  cut(): void;
  /** Closes all open connections, and every new one at once, until `restore`. */
  refuse(): void;
  /** Closes every new connection at once, until `restore`; open ones continue. */
  refuseNew(): void;
  /** Drops all traffic of the connections that are open now, without closing them; new ones pass. */
  swallow(): void;
  /** Drops the server's answers on connections that are open now; requests still arrive. */
  swallowAnswers(): void;
  restore(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** A TCP proxy on loopback, in front of the server at `url`. */
export async function databaseProxy(url: string): Promise<DatabaseProxy> {
  const target = new URL(url);
  const pairs = new Set<Pair>();
  let asked = 0;
  let refusing = false;
  const end = ({ near, far }: Pair): void => {
    near.destroy();
    far.destroy();
  };
  const cut = (): void => pairs.forEach(end);
  const server = createServer((near) => {
    asked += 1;
    near.on('error', () => undefined);
    if (refusing) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    const pair = { near, far };
    pairs.add(pair);
    far.on('error', () => near.destroy());
    for (const socket of [near, far]) socket.setNoDelay(true);
    near.on('close', () => {
      pairs.delete(pair);
      far.destroy();
    });
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    through: (address) => {
      const changed = new URL(address);
      changed.host = `127.0.0.1:${port}`;
      return changed.href;
    },
    get asked() {
      return asked;
    },
    get open() {
      return pairs.size;
    },
    cut,
    refuse: () => {
      refusing = true;
      cut();
    },
    refuseNew: () => {
      refusing = true;
    },
    swallow: () => {
      for (const { near, far } of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    swallowAnswers: () => {
      for (const { near, far } of pairs) far.unpipe(near).resume();
    },
    restore: () => {
      refusing = false;
    },
    close: async () => {
      cut();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
