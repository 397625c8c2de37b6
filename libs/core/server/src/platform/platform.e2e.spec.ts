import type { Jobs, JobStatus } from '@daybook/jobs';
import { newId } from '@daybook/kernel';
import request from 'supertest';
import { type KitApp, startKit, tokenOf } from '../testing/kit-app.js';
import { CLOCK, ENTITY_MANAGER, EVENT_STORE, POOL } from '../nest/tokens.js';
import { platform } from './platform.module.js';
import { cancelJob, listJobs, readJob } from './platform.operations.js';

const tenant = newId();
const running: JobStatus = {
  id: newId(),
  tenant,
  actor: { kind: 'person', id: 'ada' },
  correlationId: 'trace',
  name: 'import',
  title: 'Read a file',
  state: 'running',
  input: {},
  progress: { done: 5, total: null, phase: 'reading' },
  attempt: 1,
  createdAt: '2026-03-31T12:00:00Z',
  startedAt: '2026-03-31T12:00:01Z',
  endedAt: null,
  error: null,
  result: undefined,
};
const ended: JobStatus = {
  ...running,
  id: newId(),
  state: 'done',
  endedAt: '2026-03-31T12:00:02Z',
  result: { rows: 3 },
};

/** A double with these two jobs. */
const jobs: Jobs = {
  start: async () => newId(),
  refusal: async () => null,
  get: async (of, id) => (of === tenant ? ([running, ended].find((job) => job.id === id) ?? null) : null),
  list: async (of, { limit } = {}) => (of === tenant ? [ended, running].slice(0, limit) : []),
  cancel: async (_, id) => id === running.id,
  forget: async () => 0,
  work: async () => undefined,
  stop: async () => undefined,
};

describe('jobs', () => {
  let kit: KitApp;
  beforeAll(async () => {
    // Projections are covered with a real database, in server.e2e.spec.ts.
    const providers = [CLOCK, ENTITY_MANAGER, EVENT_STORE, POOL].map((provide) => ({ provide, useValue: {} }));
    kit = await startKit({ contexts: [platform], providers, jobs });
  });
  afterAll(() => kit.close());

  const call = (method: 'get' | 'post', path: string, of = tenant, permissions = [readJob, cancelJob]) =>
    request(kit.app.getHttpServer())
      [method](path)
      .set(
        'authorization',
        `Bearer ${tokenOf(
          of,
          'ada',
          permissions.map((o) => o.permission!),
        )}`,
      );

  it('are listed newest first, with actor and progress', async () => {
    const { body } = await call('get', '/v1/platform/jobs').expect(200);
    expect(body.items.map((job: { state: string }) => job.state)).toEqual(['done', 'running']);
    expect(body.items[1]).toMatchObject({
      startedBy: { id: 'ada' },
      progress: { done: 5, phase: 'reading' },
      result: null,
    });
    expect((await call('get', '/v1/platform/jobs?limit=1').expect(200)).body.items).toHaveLength(1);
    expect(listJobs.permission).toBe(readJob.permission);
  });

  it('can be cancelled once; an ended job is a conflict, an unknown or foreign one a 404', async () => {
    const cancel = (id: string, of = tenant) => call('post', `/v1/platform/jobs/${id}/cancel`, of);
    expect((await cancel(running.id).expect(200)).body).toEqual({ id: running.id });
    expect((await cancel(ended.id).expect(409)).body.code).toBe('platform.job-ended');
    expect((await cancel(newId()).expect(404)).body.code).toBe('platform.job-not-found');
    await cancel(running.id, newId()).expect(404);
    await call('get', `/v1/platform/jobs/${ended.id}`, newId()).expect(404);
  });

  it('take no idempotency key and need the permission', async () => {
    const path = `/v1/platform/jobs/${running.id}/cancel`;
    expect((await call('post', path).set('idempotency-key', 'k').expect(400)).body.code).toBe(
      'platform.idempotency-key-not-accepted',
    );
    await call('post', path, tenant, []).expect(403);
  });
});
