import { newId } from '@daybook/kernel';
import { maxStreamsPerCaller } from './live.controller.js';
import { type KitApp, startKit, tokenOf } from '../testing/kit-app.js';

const tenant = newId();
const token = tokenOf(tenant, 'ada', ['notes.note.read']);

/** Reads an open stream until it got `count` messages of a kind. */
async function readEvents(response: Response, kind: string, count: number): Promise<string[]> {
  const found: string[] = [];
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const messages = text.split('\n\n');
    text = messages.pop()!;
    found.push(...messages.filter((m) => m.includes(`event: ${kind}`)));
    if (found.length >= count) return found;
  }
  return found;
}

describe('GET /v1/live', () => {
  let kit: KitApp;
  let address: string;
  beforeAll(async () => {
    kit = await startKit();
    await kit.app.listen(0, '127.0.0.1');
    address = `${await kit.app.getUrl()}/v1/live`;
    kit.hub.restart(0n);
  });
  afterAll(() => kit.close());

  const open = (headers: Record<string, string> = {}, bearer = token) =>
    fetch(address, { headers: { authorization: `Bearer ${bearer}`, ...headers } });
  const publish = (position: number) =>
    kit.hub.publish({ tenant, channel: 'notes.note.list', ids: ['n'], position: String(position) });

  it('needs a token', async () => {
    expect((await fetch(address)).status).toBe(401);
  });

  it('delivers a hint and resumes without a gap', async () => {
    const first = await open();
    expect(first.headers.get('content-type')).toContain('text/event-stream');
    expect(first.headers.get('content-security-policy')).toContain("default-src 'none'");
    publish(7);
    expect((await readEvents(first, 'hint', 1))[0]).toContain('id: 7');
    publish(8);
    const again = await open({ 'last-event-id': '7' });
    const hints = await readEvents(again, 'hint', 2);
    expect(hints.map((h) => /id: (\d+)/.exec(h)?.[1])).toEqual(['7', '8']);
  });

  it('does not reset a reader who reconnects when nothing happened', async () => {
    const [beat] = await readEvents(await open(), 'position', 1);
    const id = /id: (\d+)/.exec(beat!)![1]!;
    const again = await open({ 'last-event-id': id });
    publish(9);
    const [next] = await readEvents(again, 'hint', 2);
    expect(next).toContain(`id: ${id}`);
  });

  it('limits open streams per caller, and allows another once one is closed', async () => {
    const bearer = tokenOf(tenant, 'eva', ['notes.note.read']);
    const opened = await Promise.all(Array.from({ length: maxStreamsPerCaller }, () => open({}, bearer)));
    expect(new Set(opened.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await open({}, bearer);
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(await refused.json()).toMatchObject({ code: 'platform.too-many-streams' });
    const other = await open();
    expect(other.status).toBe(200);
    await Promise.all([opened[0], other].map((one) => one!.body!.cancel()));
    for (let waited = 0, status = 429; status === 429; waited += 10) {
      if (waited > 3_000) throw new Error('No stream is free again');
      await new Promise((resolve) => setTimeout(resolve, 10));
      const again = await open({}, bearer);
      status = again.status;
      await again.body!.cancel();
    }
    await Promise.all(opened.slice(1).map((one) => one.body!.cancel()));
  });

  it('ends when the token expires', async () => {
    const response = await open({}, tokenOf(tenant, 'ada', ['notes.note.read'], 0.2));
    const started = Date.now();
    await readEvents(response, 'never', 1);
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  it('does not keep the server from shutting down', async () => {
    const other = await startKit();
    await other.app.listen(0, '127.0.0.1');
    const response = await fetch(`${await other.app.getUrl()}/v1/live`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const started = Date.now();
    await other.close();
    expect(Date.now() - started).toBeLessThan(2_000);
    await readEvents(response, 'never', 1).catch(() => undefined);
  });
});
