import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { listComments, tags, type ThreadRecord } from '@daybook/collaboration';
import { RecordComments } from '../archetypes/discussion/record-comments';
import { Rights } from '../core/rights';
import { RecordFiles } from './record-files';
import { RecordTags } from './record-tags';
import { RecordTasks } from './record-tasks';
import { TaggedRecords } from './tagged-records';

/** What people add to a record, on the page of every record: tags, tasks, files, comments. The server asks the record who reads it. */
@Component({
  selector: 'db-record-together',
  imports: [RecordComments, RecordFiles, RecordTags, RecordTasks, TaggedRecords],
  template: `@for (of of shown(); track of.recordType + of.recordId) {
    @if (of.recordType === tag) {
      <db-tagged-records [tagId]="of.recordId" />
    }
    <db-record-tags [of]="of" />
    <db-record-tasks [of]="of" />
    <db-record-files [of]="of" />
    <db-record-comments [of]="of" />
  }`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordTogether {
  private readonly rights = inject(Rights);
  readonly type = input.required<string>();
  readonly id = input.required<string>();
  readonly companyId = input<string | null>(null);
  /** The page of a tag shows what has it. */
  protected readonly tag: string = tags.record.name;
  /** Made anew for another record: what is typed, sent, awaited or refused belongs to the one that it was typed on. */
  protected readonly shown = computed((): ThreadRecord[] =>
    this.rights.may(listComments)
      ? [{ recordType: this.type(), recordId: this.id(), companyId: this.companyId() }]
      : [],
  );
}
