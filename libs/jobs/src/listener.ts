import pg from 'pg';

/** A session that hears one channel for ever: it reconnects, and calls `wake` after each reconnect for what it missed. */
export interface Listener {
  close(): Promise<void>;
}

export async function listen(url: string, channel: string, heard: (payload: string | null) => void): Promise<Listener> {
  let closed = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const session = new pg.Client({ connectionString: url, application_name: 'daybook-jobs-listen', keepAlive: true });
    let lost = false;
    const reconnect = (): void => {
      if (lost || closed) return;
      lost = true;
      session.end().catch(() => undefined);
      timer = setTimeout(() => void connect().then(() => heard(null), reconnectLater), 500 + Math.random() * 500);
    };
    const reconnectLater = (): void => {
      if (closed) return;
      timer = setTimeout(() => void connect().then(() => heard(null), reconnectLater), 1000 + Math.random() * 1000);
    };
    session.on('error', reconnect);
    session.on('end', reconnect);
    session.on('notification', (message) => heard(message.payload ?? ''));
    await session.connect();
    await session.query(`listen "${channel}"`);
    client = session;
  };

  await connect();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
