import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What a server's connections do in an outage: a TCP proxy before it, on loopback. */
export interface OutageProxy {
  readonly port: number;
  /** Ends all connections that are open; new ones pass. */
  cut(): void;
  /** Ends all connections, and nobody listens any more. */
  refuse(): Promise<void>;
  /** What goes over any connection, open or new, is kept and goes nowhere; none is closed. */
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
      // As a process that goes on after it was stopped: what was sent to it meanwhile is lost with its connections here.
      if (silent) cut();
      silent = false;
      if (server === null) await listen(port);
    },
    close: refuse,
  };
}
