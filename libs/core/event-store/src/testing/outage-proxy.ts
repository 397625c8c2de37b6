import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Simulates outages: a TCP proxy on loopback, in front of a server. */
export interface OutageProxy {
  readonly port: number;
  /** Closes all open connections; new ones pass. */
  cut(): void;
  /** Closes all connections, and refuses new ones. */
  refuse(): Promise<void>;
  /** Holds back all traffic of open and new connections, without closing them. */
  fallSilent(): void;
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function outageProxy(target: number): Promise<OutageProxy> {
  const near = new Set<Socket>();
  let silent = false;
  let server: Server | null = null;

  const pass = (socket: Socket): void => {
    const far = connect(target, '127.0.0.1');
    far.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => far.destroy());
    for (const one of [socket, far]) one.setNoDelay(true);
    socket.pipe(far).pipe(socket);
  };
  const take = (socket: Socket): void => {
    near.add(socket);
    socket.on('error', () => undefined).on('close', () => near.delete(socket));
    if (!silent) pass(socket);
  };
  const listen = (port: number): Promise<number> =>
    new Promise((listening, failed) => {
      server = createServer(take).once('error', failed);
      server.listen(port, '127.0.0.1', () => listening((server!.address() as AddressInfo).port));
    });
  const cut = (): void => near.forEach((socket) => socket.destroy());
  const port = await listen(0);
  const refuse = async (): Promise<void> => {
    const listening = server;
    server = null;
    cut();
    if (listening) await new Promise<void>((closed) => listening.close(() => closed()));
  };
  return {
    port,
    cut,
    refuse,
    fallSilent: () => {
      silent = true;
      for (const socket of near) socket.unpipe().pause();
    },
    restore: async () => {
      // Like a process that is resumed; here, what was sent to it meanwhile is lost with its connections.
      if (silent) cut();
      silent = false;
      if (server === null) await listen(port);
    },
    close: refuse,
  };
}
