import { LargeMap, PersistentMap } from '@daybook/kernel';

/*
 * The state of a decider as JSON: plain data with maps and sets. Its large maps, which are fields of the state itself, are
 * left out; their entries are kept one by one.
 */
type Fields = Readonly<Record<string, unknown>>;

/** The large maps of a state, by the name of their field. */
export const largeMapsOf = (state: unknown): ReadonlyMap<string, LargeMap<unknown>> =>
  new Map(
    isFields(state)
      ? Object.entries(state).filter((field): field is [string, LargeMap<unknown>] => field[1] instanceof LargeMap)
      : [],
  );

/** A copy of the state with other large maps. */
export const withLargeMaps = (state: unknown, maps: ReadonlyMap<string, LargeMap<unknown>>): unknown =>
  maps.size === 0 ? state : { ...(state as Fields), ...Object.fromEntries(maps) };

export function toJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (isMap(value)) return { $map: [...value].map(([key, one]) => [toJson(key), toJson(one)]) };
  if (value instanceof Set) return { $set: [...value].map(toJson) };
  if (!isFields(value)) return value;
  const { constructor } = Object.getPrototypeOf(value) as object;
  if (constructor !== Object) throw new Error(`A snapshot holds plain data, and no ${constructor.name}.`);
  const kept = Object.entries(value).filter(([, one]) => !(one instanceof LargeMap));
  return Object.fromEntries(kept.map(([name, one]) => [name, toJson(one)]));
}

export function fromJson(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromJson);
  if (!isFields(json)) return json;
  const { $map: pairs, $set: members } = json;
  if (Array.isArray(pairs)) return new Map(pairs.map((pair) => fromJson(pair) as [unknown, unknown]));
  if (Array.isArray(members)) return new Set(members.map(fromJson));
  return Object.fromEntries(Object.entries(json).map(([name, one]) => [name, fromJson(one)]));
}

/** About how many bytes a state takes in memory; what large maps have not loaded takes none. */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return 24 + 2 * value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof LargeMap) return sampled(value.some(looked), value.size);
  if (isMap(value)) return sampled(value.entries().take(looked).toArray(), value.size);
  if (value instanceof Set) return sampled(value.values().take(looked).toArray(), value.size);
  if (Array.isArray(value)) return sampled(value.slice(0, looked), value.length);
  return Object.entries(value).reduce((sum, [, one]) => sum + 16 + bytesOf(one), 32);
}

/** So much of a collection is looked at. */
const looked = 200;
function sampled(part: readonly unknown[], size: number): number {
  const bytes = part.reduce((sum: number, one) => sum + 32 + bytesOf(one), 0);
  return 32 + (part.length === 0 ? 0 : (bytes / part.length) * size);
}

const isMap = (value: unknown): value is ReadonlyMap<unknown, unknown> =>
  value instanceof Map || value instanceof PersistentMap;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !(value instanceof LargeMap) && !Array.isArray(value);
