import { provideZonelessChangeDetection } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { listEntries } from '@daybook/accounting';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { house, Refusal, serve } from '../../testing/server';
import { Exports } from './exports';

beforeEach(() => {
  TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection(), provideRouter([])] });
  // What jsdom lacks.
  Object.assign(URL, { createObjectURL: () => 'blob:file', revokeObjectURL: () => undefined });
});
afterEach(() => vi.unstubAllGlobals());

/** Of no other spec: one that left an export under way would take the answers of this one. */
const id = '0195f000-0000-7000-8000-0000000e0001';
const read = { id, list: listEntries.name, format: 'csv', rows: 2, startedAt: null, endedAt: null, error: null };
const manifest = { name: 'Entries.csv', rows: 2 };

const lost = Symbol('no answer');

/** Starts an export, whose looks are answered in this order, and waits for its end. */
async function exported(...answers: readonly unknown[]) {
  const left = [...answers];
  const log = serve({
    ...house(),
    'POST /v1/platform/exports': { id },
    [`GET /v1/platform/exports/${id}`]: () => {
      const next = left.shift();
      if (next === lost) throw new TypeError('Failed to fetch');
      return next;
    },
    [`GET /v1/platform/exports/${id}/file`]: 'number,date',
  });
  const exports = TestBed.inject(Exports);
  await exports.start({ title: 'Entries', list: listEntries, input: {}, format: 'csv', columns: ['number'] });
  return { one: exports.current()[0], looks: log.filter(({ path }) => path.endsWith(id)).length, left };
}

describe('an export in the console', () => {
  it('is followed although looks at it are lost, limited or refused for now', async () => {
    const { one, left } = await exported(
      { ...read, state: 'running', manifest: null },
      lost,
      new Refusal(429, 'platform.too-many-requests', 'Too many.'),
      new Refusal(503, 'platform.unavailable', 'Not now.'),
      { ...read, state: 'done', manifest },
    );
    expect([one?.problem ?? null, one?.state, one?.rows, left]).toEqual([null, 'done', 2, []]);
  });

  it('says why it failed by the code of its job', async () => {
    const error = { code: 'platform.export-too-large', message: 'A sheet has 1,048,576 rows at most.' };
    const { one } = await exported({ ...read, state: 'failed', manifest: null, error });
    expect(one).toMatchObject({ state: 'failed', problem: { code: error.code, detail: error.message } });
  });

  it('has failed where it is not there any more', async () => {
    const { one, looks } = await exported(new Refusal(404, 'platform.export-not-found', 'There is no such export.'));
    expect([one?.state, one?.problem?.code, looks]).toEqual(['failed', 'platform.export-not-found', 1]);
  });
});
