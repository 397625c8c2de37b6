import { inject, Injectable, signal } from '@angular/core';
import type { QueryOperation } from '@daybook/kernel';
import type { ExportFormat } from '@daybook/server/export/export.operations';
import { Announcer } from './announcer';
import { Api } from './api';
import { AsOf } from './as-of';
import { download } from './download';
import { asProblem, offline, type Problem, ProblemError } from './problem';
import { Session } from './session';

/** An export of this person, under way or ended, until they close it. */
export interface ListExport {
  readonly key: number;
  /** What it is of: "Entries". */
  readonly title: string;
  readonly id: string | null;
  readonly rows: number;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly problem: Problem | null;
}
export interface ExportWanted {
  readonly title: string;
  readonly list: QueryOperation;
  readonly input: Readonly<Record<string, unknown>>;
  readonly format: ExportFormat;
  readonly columns: readonly string[];
}

const firstLook = 250;
const slowestLook = 2000;
/** No answer, too many requests, not now. */
const passing = new Set([0, 429, 503]);
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
/** The declarations are not worth a place in the first chunk. */
const operations = () => import('@daybook/server/export/export.operations');

/** Lists as files: the server writes them by a job, which goes on when the page is left; the file is taken when it is there. */
@Injectable({ providedIn: 'root' })
export class Exports {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly announcer = inject(Announcer);
  private readonly all = signal<readonly ListExport[]>([]);
  readonly current = this.all.asReadonly();
  private keys = 0;

  constructor() {
    inject(Session).whenOther(() => this.all.set([]));
  }

  async start({ title, list, input, format, columns }: ExportWanted): Promise<void> {
    const key = ++this.keys;
    this.all.update((all) => [...all, { key, title, id: null, rows: 0, state: 'running', problem: null }]);
    try {
      const { startExport } = await operations();
      if (!this.holds(key)) return;
      const known = this.asOf.known();
      const { id } = await this.api.execute(startExport, {
        list: list.name,
        input: { ...input },
        format,
        name: title.replace(/[/\\]/g, '-'),
        columns: [...columns],
        ...(known === null || list.currentOnly ? {} : { knownAt: known }),
      });
      this.change(key, { id });
      await this.follow(key, id);
    } catch (error) {
      this.change(key, { state: 'failed', problem: asProblem(error) });
    }
  }

  async cancel({ id }: ListExport): Promise<void> {
    if (id === null) return;
    const { cancelExport } = await operations();
    // One that has just ended says so by itself.
    await this.api.execute(cancelExport, { exportId: id }).catch(() => undefined);
  }

  close({ key }: ListExport): void {
    this.all.update((all) => all.filter((one) => one.key !== key));
  }

  async take(id: string, name: string): Promise<void> {
    const { exportFile } = await operations();
    const file = await this.api.fetch(exportFile(id), {}, '*/*');
    download(name, file.headers.get('content-type') ?? '', await file.blob());
  }

  private async follow(key: number, exportId: string): Promise<void> {
    for (let pause = firstLook; ; pause = Math.min(pause * 1.5, slowestLook)) {
      await sleep(pause);
      if (!this.holds(key)) return;
      try {
        if (await this.look(key, exportId)) return;
      } catch (error) {
        // The export goes on meanwhile.
        if (!(error instanceof ProblemError && passing.has(error.problem.status))) throw error;
        await sleep((error.problem.retryAfter ?? 0) * 1000);
      }
    }
  }
  /** Whether it has ended. */
  private async look(key: number, exportId: string): Promise<boolean> {
    const { readExport } = await operations();
    const { state, rows, error, manifest } = await this.api.ask(readExport, { exportId });
    if (state === 'waiting' || state === 'running') {
      this.change(key, { rows });
      return false;
    }
    if (state === 'done' && manifest !== null) {
      await this.take(exportId, manifest.name);
      this.change(key, { rows: manifest.rows, state });
      this.announcer.say(`${manifest.name} exported, ${manifest.rows} rows`);
    } else if (state === 'failed') {
      const said = { code: error?.code ?? 'platform.job-failed', detail: error?.message ?? '' };
      this.change(key, { state, problem: { ...offline, title: 'Not exported', ...said } });
    } else this.change(key, { state: 'cancelled' });
    return true;
  }

  /** Not once it is closed, or somebody else sits here: neither asked for, nor shown, nor taken. */
  private holds(key: number): boolean {
    return this.all().some((one) => one.key === key);
  }
  private change(key: number, to: Partial<ListExport>): void {
    this.all.update((all) => all.map((one) => (one.key === key ? { ...one, ...to } : one)));
  }
}
