import { type CountedList, type CountedRequest, RequestCounter } from '@daybook/testing/counted-requests';
import { startApp, type TestApp } from '@daybook/testing/app';
import { moreRoundTrips, mostRoundTrips, streamsOfFacts } from './round-trips.js';

const listed = new Map([
  ...Object.values(moreRoundTrips).flatMap((more) => Object.entries(more)),
  ...Object.entries(streamsOfFacts).map(([name, { length }]) => [name, mostRoundTrips.decide + length] as const),
]);
const boundOf = ({ operation, bound }: CountedRequest): number =>
  listed.get(operation.name) ?? (bound === 'perform' ? Infinity : mostRoundTrips[bound]);

const rowsOfPage = 20;

describe('the round trips of requests', () => {
  let app: TestApp;
  let counted: readonly CountedRequest[];
  type Lists = ReadonlyMap<string, CountedList>;
  let [few, one, many]: readonly [Lists, Lists, Lists] = [new Map(), new Map(), new Map()];
  beforeAll(async () => {
    app = await startApp();
    const counter = await RequestCounter.in(app);
    await counter.reads();
    let first: Lists = new Map();
    await counter.commands(async () => void (first = await counter.lists(rowsOfPage)));
    await counter.addRows(0);
    const second = await counter.lists(1);
    await counter.addRows(1);
    [few, one, many] = [first, second, await counter.lists(rowsOfPage)];
    counted = [...counter.counted.values()];
  }, 300_000);
  afterAll(() => app.close());

  /** Of a list, with all the rows that the script made. */
  const tripsOf = ({ operation, trips }: CountedRequest) =>
    Math.max(trips.length, many.get(operation.name)?.trips ?? 0);

  it('are at most four for a read and two for a command on a known stream, but for those that are listed', () => {
    const over = counted.filter((one) => tripsOf(one) > boundOf(one));
    expect(over.map((one) => `${one.operation.name}: ${tripsOf(one)}`)).toEqual([]);
  });

  it('are counted for every read, and for accepted commands', () => {
    const reads = app.api.bindings.operations.filter(({ kind }) => kind === 'query');
    const names = new Set(counted.map(({ operation }) => operation.name));
    expect(reads.filter(({ name }) => !names.has(name))).toEqual([]);
    const commands = counted.filter(({ bound }) => bound === 'decide');
    expect(commands.length).toBeGreaterThan(25);
    expect(commands.flatMap(({ operation, code }) => (code === null ? [] : `${operation.name} ${code}`))).toEqual([
      'identity.policy.set identity.policy-unchanged',
    ]);
  });

  it('are listed for operations that are there, need more, and need just as many', () => {
    const found = new Map(counted.map((one) => [one.operation.name, one]));
    const wrong = [...listed].flatMap(([name, most]) => {
      const one = found.get(name);
      const [trips, usual] = one ? [tripsOf(one), one.bound === 'perform' ? 0 : mostRoundTrips[one.bound]] : [0, 0];
      return trips === most && most > usual ? [] : [`${name}: ${trips}, not ${most}`];
    });
    expect(wrong).toEqual([]);
  });

  it('are no more for many rows than for few', () => {
    const grown = [...many].map(([name, { rows, trips }]) => {
      const fewer = [few.get(name)!, one.get(name)!].filter((of) => of.rows > 0 && of.rows < rows);
      const before = fewer.sort((a, b) => b.rows - a.rows)[0];
      return { name, rows, trips, before };
    });
    const more = grown.filter(({ trips, before }) => before && trips > before.trips);
    expect(more.map(({ name, before, rows, trips }) => [name, before, { rows, trips }])).toEqual([]);
    expect(grown.flatMap(({ name, before }) => (before ? [] : [name]))).toEqual(ofDeclaredRows);
  });
});

/** Lists whose rows are what the program declares: nobody adds one while it runs. */
const ofDeclaredRows: readonly string[] = [
  // A row for each pool of each program.
  'platform.connection.list',
  // A row for each read model and process.
  'platform.projection.list',
  'approvals.operation.list',
  'customization.record-type.list',
];
