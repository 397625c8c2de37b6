import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import {
  accountClass,
  cancelImport,
  importView,
  listEntries,
  postImport,
  readImport,
  startImport,
} from '@daybook/accounting';
import { type CallOf, type CsvFormName, decimals, formatBytes, shortHash } from '@daybook/kernel';
import { readJob } from '@daybook/server/platform/platform.operations';
import { RecordDiscussion } from '../../collaboration/record-discussion';
import { Announcer } from '../../core/announcer';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Commands } from '../../core/commands';
import { Companies } from '../../core/companies';
import { download } from '../../core/download';
import { Links } from '../../core/links';
import { Leaving } from '../../core/leaving';
import { Live } from '../../core/live';
import { PageTitle } from '../../core/page-title';
import { asProblem, type Problem } from '../../core/problem';
import { Rights } from '../../core/rights';
import { Toasts } from '../../core/toasts';
import { Values } from '../../core/values';
import { DropZone } from '../../parts/drop-zone';
import { ExportMenu } from '../../parts/export-menu';
import { Figure } from '../../parts/figure';
import { Icon } from '../../parts/icon';
import { ProblemState } from '../../parts/problem-state';
import { Skeleton } from '../../parts/skeleton';
import { Steps } from '../../parts/steps';
import {
  addsNothing, type Decisions, findingsCsv, kindOf, needsDecision, needsOpening, type Report, ruleOf, stepNames, stepOf, sum, summary,
  undecided, whereOf,
} from './import-model'; // prettier-ignore

const pollEvery = 700;

/**
 * The import wizard: file, dry run, decisions, import, result. The dry run is a job: leaving is safe. The green button
 * names the deed and the count; errors take it away and say why.
 */
@Component({
  selector: 'db-import-page',
  imports: [DropZone, ExportMenu, Figure, Icon, ProblemState, RecordDiscussion, RouterLink, Skeleton, Steps],
  templateUrl: './import-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ImportPage {
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly toasts = inject(Toasts);
  private readonly announcer = inject(Announcer);
  private readonly rights = inject(Rights);
  protected readonly links = inject(Links);
  protected readonly companies = inject(Companies);
  protected readonly values = inject(Values);
  /** `new` picks a file. */
  readonly id = input<string>('new');
  protected readonly type = importView.record?.history ?? '';

  protected readonly may = computed(() => this.rights.may(startImport));
  protected readonly mayPost = computed(() => this.rights.may(postImport));
  protected readonly read = asked(
    () => (this.id() === 'new' ? null : { importId: this.id() }),
    (input, signal) => this.api.ask(readImport, input, { signal, known: null }),
  );
  protected readonly item = computed(() => (this.id() === 'new' ? null : (this.read.value() ?? null)));
  protected readonly report = computed(() => this.item()?.report ?? null);
  protected readonly job = asked(
    () => (this.item()?.status === 'reading' ? { jobId: this.item()?.jobId ?? '' } : null),
    (input, signal) => this.api.ask(readJob, input, { signal, known: null }),
  );
  protected readonly posting = signal(false);
  protected readonly step = computed(() => stepOf(this.item(), this.posting()));
  protected readonly steps = stepNames;

  protected readonly file = signal<File | null>(null);
  protected readonly target = signal('');
  protected readonly sending = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly decisions = signal<Decisions>({ openingDifference: '', classes: {} });
  /** What the server has of them. */
  private saved = this.decisions();
  protected readonly classNames = accountClass.options;
  protected readonly openDecisions = computed(() => {
    const report = this.report();
    return report === null ? 0 : undecided(report, this.decisions());
  });
  protected readonly nothing = computed(() => {
    const report = this.report();
    return report !== null && addsNothing(report);
  });
  protected readonly balance = computed(() => this.report()?.balance ?? []);
  protected readonly counted = computed(() => {
    const counts = this.report()?.counts;
    if (counts === undefined) return [];
    return [
      { name: 'Accounts', ...counts.accounts },
      { name: 'Journals', ...counts.journals },
      { name: 'Entries', ...counts.entries },
      { name: 'Lines', ...counts.lines },
    ];
  });
  protected readonly left = computed(() => {
    const counts = this.report()?.counts;
    if (counts === undefined) return '';
    const { customers, suppliers, taxCodes } = counts;
    return `The file also contains ${customers.total} customers, ${suppliers.total} suppliers and ${taxCodes.total} tax codes. Lines keep their codes; the registers themselves are not imported.`;
  });
  protected readonly currency = computed(
    () => this.companies.all().find(({ id }) => id === this.item()?.companyId)?.currency ?? 'NOK',
  );

  constructor() {
    const title = inject(PageTitle);
    effect(() => title.set(this.item()?.fileName ?? 'Import SAF-T'));
    inject(Leaving).guard(() => this.item()?.status === 'checked' && this.decisions() !== this.saved);
    inject(Live).on('imports', (hint) => {
      if (hint === null || hint.ids.includes(this.id())) this.read.reload();
    });
    // Hints announce the end; while the file is read the job is polled for progress.
    effect((onCleanup) => {
      if (this.item()?.status !== 'reading') return;
      const timer = setInterval(() => {
        this.job.reload();
        if (this.job.value()?.state !== 'running') this.read.reload();
      }, pollEvery);
      onCleanup(() => clearInterval(timer));
    });
    effect(() => {
      const item = this.item();
      if (item?.status === 'checked') this.announcer.say('The dry run is done');
      if (item?.status === 'posted') this.companies.read.reload();
    });
    inject(Commands).use({
      name: 'Import',
      where: 'Form',
      key: 'Ctrl+Enter',
      inFields: true,
      quiet: true,
      run: () => void (this.item() === null ? this.start() : this.post()),
    });
  }

  protected readonly kindOf = kindOf;
  protected readonly ruleOf = ruleOf;
  protected readonly whereOf = whereOf;
  protected readonly summary = summary;
  protected readonly sum = sum;
  protected readonly needsDecision = needsDecision;
  protected readonly needsOpening = needsOpening;
  protected readonly formatBytes = formatBytes;
  protected readonly shortHash = shortHash;

  /** "Debit exceeds credit by 12 500,00." What the openings lack is the other way round. */
  protected openingWords(report: Report): string {
    const more = decimals.isNegative(report.openingDifference) ? 'Debit exceeds credit' : 'Credit exceeds debit';
    return `${more} by ${this.values.money(decimals.abs(report.openingDifference), this.currency())}.`;
  }
  protected choose(file: File | null): void {
    this.problem.set(null);
    this.file.set(file);
  }
  /** Sends the file, then starts its dry run as a job. */
  protected async start(): Promise<void> {
    const file = this.file();
    if (this.sending() || this.item() !== null) return;
    if (file === null) {
      document.getElementById('saft-file')?.focus();
      return this.announcer.say('Choose a file first');
    }
    this.sending.set(true);
    this.problem.set(null);
    try {
      const { sha256 } = await this.api.upload(file);
      const companyId = this.target();
      const result = await this.api.execute(startImport, {
        sha256,
        name: file.name,
        ...(companyId ? { companyId } : {}),
      });
      await this.router.navigateByUrl(`/imports/${result.id}`);
    } catch (error) {
      this.problem.set(asProblem(error));
    } finally {
      this.sending.set(false);
    }
  }
  protected decideClass(number: string, value: string): void {
    this.decisions.update((now) => ({ ...now, classes: { ...now.classes, [number]: value } }));
  }
  protected async post(): Promise<void> {
    const item = this.item();
    const report = this.report();
    if (item?.status !== 'checked' || report === null || this.posting() || !this.mayPost()) return;
    if (report.findingCounts.error > 0 || this.nothing()) return;
    if (this.openDecisions() > 0) {
      document.querySelector<HTMLElement>('.decision input, .decision select')?.focus();
      return this.announcer.say(`${this.openDecisions()} to decide first`);
    }
    const { openingDifference, classes } = this.decisions();
    const input = {
      companyId: item.companyId,
      importId: item.id,
      ...(needsOpening(report) ? { openingDifference: openingDifference.trim() } : {}),
      ...(report.unclassified.length > 0
        ? { classes: classes as NonNullable<CallOf<typeof postImport>['classes']> }
        : {}),
    };
    this.posting.set(true);
    this.problem.set(null);
    try {
      const { approvalRequest } = await this.api.execute(postImport, input);
      this.saved = this.decisions();
      this.read.reload();
      if (approvalRequest !== undefined)
        return this.toasts.show(`The import of ${item.fileName} waits for a second person.`);
      this.toasts.show(`${this.values.count(report.counts.entries.added)} entries imported from ${item.fileName}`);
    } catch (error) {
      this.problem.set(asProblem(error));
    } finally {
      this.posting.set(false);
    }
  }
  protected async cancel(): Promise<void> {
    const item = this.item();
    if (item === null) return void this.router.navigateByUrl('/imports');
    this.problem.set(null);
    await this.api.execute(cancelImport, { companyId: item.companyId, importId: item.id }).then(
      () => {
        this.read.reload();
        this.toasts.show(`Import of ${item.fileName} cancelled. Nothing was written to the books.`);
      },
      (error: unknown) => this.problem.set(asProblem(error)),
    );
  }
  protected exportFindings(form: CsvFormName): void {
    const item = this.item();
    if (item?.report) download(`findings_${item.fileName}.csv`, 'text/csv', findingsCsv(item.report.findings, form));
  }
  /** The report is opened at the year the imported books end in, which need not be this one. */
  private readonly newest = asked(
    () => (this.item()?.status === 'posted' ? { companyId: this.item()?.companyId ?? '' } : null),
    ({ companyId }, signal) => this.api.ask(listEntries, { companyId, limit: 1 }, { signal, known: null }),
  );
  protected readonly bookYear = computed(() => {
    const year = this.newest.value()?.items[0]?.date.slice(0, 4);
    return year === undefined ? {} : { from: `${year}-01-01`, to: `${year}-12-31` };
  });
  protected books(path: string): string {
    return this.links.company(path, this.item()?.companyId);
  }
}
