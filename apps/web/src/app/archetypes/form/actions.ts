import { inject, Injectable } from '@angular/core';
import type { ActionDeclaration, CommandOperation, RowCondition, ViewDeclaration } from '@daybook/kernel';
import { AsOf } from '../../core/as-of';
import { CustomFields } from '../../core/custom-fields';
import { Dialogs } from '../../core/dialogs';
import { Rights } from '../../core/rights';

type Row = Readonly<Record<string, unknown>>;

/** A command of a record's own, which the server can run for all that a list answers. */
export const isForMany = (operation: CommandOperation): boolean =>
  'of' in operation && operation.acceptsIdempotencyKey && !operation.sensitive;

/** The deeds a view declares: which exist for a row, and the dialog that asks and does. */
@Injectable({ providedIn: 'root' })
export class Actions {
  private readonly asOf = inject(AsOf);
  private readonly dialogs = inject(Dialogs);
  private readonly rights = inject(Rights);
  private readonly customFields = inject(CustomFields);

  /** What the row's state forbids is absent, and so is what the person may not do; in the past all are. */
  possible(actions: readonly ActionDeclaration[], row: Row): ActionDeclaration[] {
    if (this.asOf.past()) return [];
    return actions.filter(
      ({ when = [], operation, ask }) =>
        this.rights.may(operation) &&
        this.asksSomething(operation, ask) &&
        [when]
          .flat()
          .every(({ field, is }: RowCondition) =>
            is === undefined ? (row[field] ?? null) !== null : is.includes(String(row[field])),
          ),
    );
  }
  /** A change that asks custom fields alone is for tenants that have some. */
  private asksSomething({ custom }: CommandOperation, ask: ActionDeclaration['ask']): boolean {
    return custom?.does !== 'change' || ask !== undefined || this.customFields.asked(custom.record.name);
  }
  /** Opens the dialog over the rows it fits (none to create one). true when something was done. */
  async perform(
    view: ViewDeclaration,
    action: ActionDeclaration,
    rows: readonly Row[],
    /** Filters of the list, for all that match instead of these rows. */
    where: Row | null = null,
  ): Promise<boolean> {
    const fitting = rows.filter((row) => this.possible([action], row).length > 0);
    if (rows.length > 0 && fitting.length === 0) return false;
    const { ActionDialog } = await import('./action-dialog');
    return (
      (await this.dialogs.open<boolean>(ActionDialog, {
        view,
        action,
        rows: fitting,
        where,
        left: rows.length - fitting.length,
      })) ?? false
    );
  }
}
