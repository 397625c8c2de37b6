import { ChangeDetectionStrategy, Component, computed, effect, inject, signal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import type { OutputOf } from '@daybook/kernel';
import {
  cancelImport,
  inspectFile,
  keepTemplate,
  listTemplates,
  readImport,
  refusedFile,
  revertImport,
  runImport,
  startImport,
} from '@daybook/server/import/import.operations';
import { map } from 'rxjs';
import { Announcer } from '../../core/announcer';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Commands } from '../../core/commands';
import { download } from '../../core/download';
import { PageTitle } from '../../core/page-title';
import { asProblem, type Problem } from '../../core/problem';
import { Toasts } from '../../core/toasts';
import { Values } from '../../core/values';
import { DropZone } from '../../parts/drop-zone';
import { Icon } from '../../parts/icon';
import { ProblemState } from '../../parts/problem-state';
import { Steps } from '../../parts/steps';
import { ImportColumns } from './import-columns';
import { ImportReport } from './import-report';
import { isUnderWay, rowsOf } from './import-report-words';
import { type Chosen, chosenFrom, mappingOf, unfit } from './import-rows-model';

type Inspected = OutputOf<typeof inspectFile>;
const allSteps = ['File', 'Columns', 'Rehearsal', 'Result'] as const;
const pollEvery = 700;
const pollSlower = 3000;

/** Rows of a file for one command: upload, columns, rehearsal, result. What is under way goes on when the page is left. */
@Component({
  selector: 'db-import-rows-page',
  imports: [DropZone, Icon, ImportColumns, ImportReport, ProblemState, RouterLink, Steps],
  templateUrl: './import-rows-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ImportRowsPage {
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly route = inject(ActivatedRoute);
  private readonly announcer = inject(Announcer);
  private readonly toasts = inject(Toasts);
  protected readonly values = inject(Values);
  private readonly query = toSignal(this.route.queryParamMap, { requireSync: true });
  /** In the query, since a server takes a path that ends in `.add` for a file. */
  protected readonly operation = computed(() => this.query().get('operation') ?? '');
  protected readonly importId = computed(() => this.query().get('import'));
  /** Where it was opened from: a page of this console. */
  protected readonly list = computed(() => ({
    path: this.query().get('list') ?? '/',
    title: this.query().get('title') ?? 'Home',
  }));
  private readonly companyId = toSignal(this.route.parent!.paramMap.pipe(map((params) => params.get('companyId'))), {
    requireSync: true,
  });

  protected readonly file = signal<File | null>(null);
  private readonly sha256 = signal<string | null>(null);
  protected readonly inspected = signal<Inspected | null>(null);
  protected readonly chosen = signal<Chosen>({ columns: [], forms: {}, match: null, unmatched: 'create' });
  protected readonly busy = signal(false);
  protected readonly asksRevert = signal(false);
  protected readonly problem = signal<Problem | null>(null);

  protected readonly read = asked(
    () => (this.importId() === null ? null : { importId: this.importId()! }),
    (input, signal) => this.api.ask(readImport, input, { signal, known: null }),
  );
  /** Of this import, and of none that was looked at before. */
  protected readonly item = computed(() => {
    const read = this.read.value();
    return read !== undefined && read.id === this.importId() ? read : null;
  });
  /** Rows that were chosen in a list. */
  protected readonly isBulk = computed(() => this.item() !== null && this.item()?.name === null);
  protected readonly active = computed(() => this.item() !== null && isUnderWay(this.item()!));
  protected readonly templates = asked(
    () => ({ operation: this.operation() }),
    (input, signal) => this.api.ask(listTemplates, input, { signal, known: null }),
  );
  protected readonly step = computed(() => {
    const item = this.item();
    if (item !== null) return item.phase === 'rehearsal' ? 2 : 3;
    if (this.importId() !== null) return 0;
    return this.inspected() === null ? 0 : 1;
  });
  protected readonly heading = computed(() =>
    this.isBulk() ? this.item()!.title : `Import ${this.query().get('title')?.toLowerCase() ?? 'rows'}`,
  );
  /** Rows that were chosen in a list come without file and columns. */
  protected readonly steps = computed(() => (this.isBulk() ? allSteps.slice(2) : allSteps));
  protected readonly stepNow = computed(() => this.step() - allSteps.length + this.steps().length);
  protected readonly mayRun = computed(() => {
    const item = this.item();
    if (item === null || item.phase === 'revert' || this.toRun() === 0) return false;
    return item.phase === 'run' || item.state === 'done';
  });
  protected readonly toRun = computed(() => {
    const { ready = 0, unchecked = 0, waits = 0 } = this.item()?.counts ?? {};
    return ready + unchecked + waits;
  });

  constructor() {
    const title = inject(PageTitle);
    effect(() => title.set(this.item()?.name ?? this.heading()));
    effect((onCleanup) => {
      // A look that fails is repeated like any other: the import goes on meanwhile.
      if (!this.active() || this.read.pending()) return;
      const { done = 0 } = this.item() ?? {};
      const isSlow = done > 5000 || this.read.problem() !== null;
      const timer = setTimeout(() => this.read.reload(), isSlow ? pollSlower : pollEvery);
      onCleanup(() => clearTimeout(timer));
    });
    inject(Commands).use({
      name: 'Go on',
      where: 'Form',
      key: 'Ctrl+Enter',
      inFields: true,
      quiet: true,
      run: () => void this.goOn(),
    });
  }

  protected rows(count: number): string {
    return rowsOf(count, this.values.count(count));
  }

  private goOn(): Promise<void> {
    if (this.step() === 0) return this.look();
    if (this.step() === 1) return this.rehearse();
    return this.step() === 2 && this.mayRun() ? this.run() : Promise.resolve();
  }
  protected choose(file: File | null): void {
    this.problem.set(null);
    this.file.set(file);
  }
  protected async look(): Promise<void> {
    const file = this.file();
    if (file === null) {
      document.getElementById('rows-file')?.focus();
      return this.announcer.say('Choose a file first');
    }
    await this.doing(async () => {
      const { sha256 } = await this.api.upload(file);
      this.sha256.set(sha256);
      await this.inspect();
    });
  }
  private async inspect(encoding?: NonNullable<Inspected['encoding']>): Promise<void> {
    const found = await this.api.ask(inspectFile, { file: this.sha256() ?? '', operation: this.operation(), ...(encoding ? { encoding } : {}) }, { known: null }); // prettier-ignore
    this.inspected.set(found);
    this.chosen.set(chosenFrom(found));
    this.announcer.say(`${found.rows} rows, ${found.columns.length} columns`);
  }
  protected decode(encoding: NonNullable<Inspected['encoding']>): Promise<void> {
    return this.doing(() => this.inspect(encoding));
  }
  protected async keep(name: string): Promise<void> {
    const text = name.trim();
    if (text === '') return;
    await this.doing(async () => {
      await this.api.execute(keepTemplate, {
        operation: this.operation(),
        name: text,
        mapping: mappingOf(this.chosen()),
      });
      this.templates.reload();
      this.toasts.show(`Kept: ${text}`);
    });
  }
  protected async rehearse(): Promise<void> {
    const [inspected, file] = [this.inspected(), this.file()];
    if (inspected === null || file === null) return;
    const lacking = unfit(inspected, this.chosen());
    if (lacking !== null) {
      document.querySelector<HTMLElement>('.mapping select')?.focus();
      return this.announcer.say(lacking);
    }
    await this.doing(async () => {
      const companyId = this.companyId();
      const { id } = await this.api.execute(startImport, {
        operation: this.operation(),
        file: this.sha256() ?? '',
        name: file.name,
        mapping: mappingOf(this.chosen()),
        forAll: companyId === null ? {} : { companyId },
        ...(inspected.encoding === null ? {} : { encoding: inspected.encoding }),
      });
      await this.go(id);
    });
  }
  /** Back to the columns, with what was chosen; for who came by the address, to the file. */
  protected back(): void {
    this.problem.set(null);
    void this.go(null);
  }
  private go(importId: string | null): Promise<boolean> {
    return this.router.navigate([], {
      relativeTo: this.route,
      queryParams: { import: importId },
      queryParamsHandling: 'merge',
    });
  }
  protected run(): Promise<void> {
    return this.asking(() => this.api.execute(runImport, { importId: this.importId() ?? '' }));
  }
  protected revert(): Promise<void> {
    this.asksRevert.set(false);
    return this.asking(() => this.api.execute(revertImport, { importId: this.importId() ?? '' }));
  }
  protected stop(): Promise<void> {
    return this.asking(() => this.api.execute(cancelImport, { importId: this.importId() ?? '' }));
  }
  protected refused(): Promise<void> {
    return this.doing(async () => {
      const file = await this.api.fetch(refusedFile(this.importId() ?? ''), {}, '*/*');
      download(`${(this.item()?.name ?? 'rows').replace(/\.\w+$/, '')} refused.csv`, 'text/csv', await file.blob());
    });
  }
  private asking(ask: () => Promise<unknown>): Promise<void> {
    return this.doing(async () => {
      await ask();
      this.read.reload();
    });
  }
  private async doing(work: () => Promise<void>): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      await work();
    } catch (error) {
      this.problem.set(asProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
