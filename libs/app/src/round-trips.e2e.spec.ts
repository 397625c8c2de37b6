import { type CountedRequest, RequestCounter } from '@daybook/testing/counted-requests';
import { startApp, type TestApp } from '@daybook/testing/app';
import { moreRoundTrips, mostRoundTrips } from './round-trips.js';

const listed = new Map(Object.values(moreRoundTrips).flatMap((more) => Object.entries(more)));
const boundOf = ({ operation, bound }: CountedRequest): number =>
  listed.get(operation.name) ?? (bound === 'perform' ? Infinity : mostRoundTrips[bound]);

describe('the round trips of requests', () => {
  let app: TestApp;
  let counted: readonly CountedRequest[];
  beforeAll(async () => {
    app = await startApp();
    const counter = await RequestCounter.in(app);
    await counter.reads();
    await counter.commands();
    counted = [...counter.counted.values()];
  }, 300_000);
  afterAll(() => app.close());

  it('are at most four for a read and two for a command on a known stream, but for those that are listed', () => {
    const over = counted.filter((one) => one.trips.length > boundOf(one));
    expect(over.map(({ operation, trips }) => `${operation.name}: ${trips.length}`)).toEqual([]);
  });

  it('are counted for every read, and for accepted commands', () => {
    const reads = app.api.bindings.operations.filter(({ kind }) => kind === 'query');
    const names = new Set(counted.map(({ operation }) => operation.name));
    expect(reads.filter(({ name }) => !names.has(name))).toEqual([]);
    const commands = counted.filter(({ bound }) => bound === 'decide');
    expect(commands.length).toBeGreaterThan(25);
    expect(commands.flatMap(({ operation, code }) => (code === null ? [] : `${operation.name} ${code}`))).toEqual([
      'identity.policy.set identity.policy-unchanged',
      // Nobody has decided its items.
      'identity.review.close identity.review-incomplete',
    ]);
  });

  it('are listed for operations that are there and need as many', () => {
    const needless = [...listed].filter(([name, most]) => {
      const found = counted.find(({ operation }) => operation.name === name);
      return !found || most <= (found.bound === 'perform' ? 0 : mostRoundTrips[found.bound]);
    });
    expect(needless).toEqual([]);
  });
});
