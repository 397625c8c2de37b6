import { inject, Injectable, signal } from '@angular/core';
import type { CallOf, QueryOperation } from '@daybook/kernel';
import type { ExportFormat, startExport } from '@daybook/server/export/export.operations';
import { Announcer } from './announcer';
import { Api } from './api';
import { AsOf } from './as-of';
import { download } from './download';
import { asProblem, offline, type Problem, ProblemError } from './problem';
import { Session } from './session';

type Request = CallOf<typeof startExport>;

/** An export of this person, under way or ended, until they close it. */
export interface ListExport {
  readonly key: number;
  /** What it is of: "Entries". */
  readonly title: string;
  /** As it was asked for, of the moment that was looked at. */
  readonly request: Request;
  readonly id: string | null;
  readonly rows: number;
  readonly state: 'waiting' | 'running' | 'done' | 'cancelled' | 'failed';
  readonly problem: Problem | null;
}
export interface ExportWanted {
  readonly title: string;
  readonly list: QueryOperation;
  readonly input: Readonly<Record<string, unknown>>;
  readonly format: ExportFormat;
  readonly columns: readonly string[];
}

const begun = { id: null, rows: 0, state: 'waiting', problem: null } as const;
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
    const known = this.asOf.known();
    const request = {
      list: list.name,
      input: { ...input },
      format,
      name: title.replace(/[/\\]/g, '-'),
      columns: [...columns],
      ...(known === null || list.currentOnly ? {} : { knownAt: known }),
    };
    const one = { key: ++this.keys, title, request, ...begun };
    this.all.update((all) => [...all, one]);
    await this.run(one);
  }
  /** One that failed, or was cancelled, in its place. */
  async again(one: ListExport): Promise<void> {
    this.change(one.key, begun);
    await this.run(one);
  }
  private async run({ key, title, request }: ListExport): Promise<void> {
    try {
      const { startExport } = await operations();
      if (!this.holds(key)) return;
      const { id } = await this.api.execute(startExport, request);
      this.change(key, { id });
      await this.follow(key, title, id);
    } catch (error) {
      this.fail(key, title, asProblem(error));
    }
  }
  private fail(key: number, title: string, problem: Problem): void {
    if (!this.holds(key)) return;
    this.change(key, { state: 'failed', problem });
    this.announcer.say(`${title}: not exported. ${problem.detail}`);
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

  private async follow(key: number, title: string, exportId: string): Promise<void> {
    for (let pause = firstLook; ; pause = Math.min(pause * 1.5, slowestLook)) {
      await sleep(pause);
      if (!this.holds(key)) return;
      try {
        if (await this.look(key, title, exportId)) return;
      } catch (error) {
        // The export goes on meanwhile.
        if (!(error instanceof ProblemError && passing.has(error.problem.status))) throw error;
        await sleep((error.problem.retryAfter ?? 0) * 1000);
      }
    }
  }
  /** Whether it has ended. */
  private async look(key: number, title: string, exportId: string): Promise<boolean> {
    const { readExport } = await operations();
    const { state, rows, error, manifest } = await this.api.ask(readExport, { exportId });
    if (state === 'waiting' || state === 'running') {
      this.change(key, { rows, state });
      return false;
    }
    if (state === 'done' && manifest !== null) {
      await this.take(exportId, manifest.name);
      this.change(key, { rows: manifest.rows, state });
      this.announcer.say(`${manifest.name} exported, ${manifest.rows} rows`);
    } else if (state === 'failed') {
      const said = { code: error?.code ?? 'platform.job-failed', detail: error?.message ?? '' };
      this.fail(key, title, { ...offline, title: 'Not exported', ...said });
    } else {
      this.change(key, { state: 'cancelled' });
      this.announcer.say(`${title}: not exported, cancelled`);
    }
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
