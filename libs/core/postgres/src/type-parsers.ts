import pg from 'pg';

/** The driver's parser of text[]; its types do not list arrays. */
const arraysOfText = (pg.types.getTypeParser as (oid: number) => (text: string) => string[])(1009);
const asText = (text: string): string => text;
/** RFC 3339 in UTC with the microseconds PostgreSQL keeps; sessions run in UTC, so the offset is always +00. */
const asInstant = (text: string): string => text.replace(' ', 'T').replace('+00', 'Z');

/** Exact values stay text: a JS number or Date cannot hold 18 digits, microseconds, or a date without a time. */
const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.DATE, asText],
  [pg.types.builtins.NUMERIC, asText],
  [pg.types.builtins.INT8, asText],
  [pg.types.builtins.TIMESTAMP, asText],
  [pg.types.builtins.TIMESTAMPTZ, asInstant],
  [1182, arraysOfText], // date[]
  [1231, arraysOfText], // numeric[]
  [1016, arraysOfText], // int8[]
  [1115, arraysOfText], // timestamp[]
  [1185, (text) => arraysOfText(text).map(asInstant)], // timestamptz[]
]);

/** A value as it stands in SQL; its type follows from what it is compared with. */
export const literal = (value: string | number | bigint): string => pg.escapeLiteral(String(value));

/** For `types` of a connection, so that nothing changes for other users of the driver. */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) ||
    pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
};
