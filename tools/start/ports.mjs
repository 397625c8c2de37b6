import { createServer } from 'node:net';
import { StartError } from './start-error.mjs';

const listen = (port, host) =>
  new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(port, host, () => {
      const { port: taken } = server.address();
      server.close(() => done(taken));
    });
  });

/** The port itself if it is free; any free port for 0. */
export async function freePort(port, host) {
  try {
    return await listen(port, host);
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      throw new StartError(`Port ${port} is used by another program. Choose another one with --port.`);
    }
    if (error.code === 'EACCES') throw new StartError(`This user may not use port ${port}. Choose one above 1023.`);
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
      throw new StartError(`DAYBOOK_HOST ${host} is not an address of this machine.`);
    }
    throw error;
  }
}
