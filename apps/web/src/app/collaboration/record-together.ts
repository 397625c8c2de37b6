import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { listComments, tags } from '@daybook/collaboration';
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
  template: `@if (allowed()) {
      @if (type() === tag) {
        <db-tagged-records [tagId]="id()" />
      }
      <db-record-tags [of]="of()" />
      <db-record-tasks [of]="of()" />
      <db-record-files [of]="of()" />
    }
    <db-record-comments [type]="type()" [id]="id()" [companyId]="companyId()" />`,
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
  protected readonly allowed = computed(() => this.rights.may(listComments));
  protected readonly of = computed(() => ({
    recordType: this.type(),
    recordId: this.id(),
    companyId: this.companyId(),
  }));
}
