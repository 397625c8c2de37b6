import type { CallOf, CommandOperation } from './operation.js';
import type { BuiltInRole } from './permission.js';

/*
 * Records that the specs of all operations work on: random requests, the matrix of rights, the walls between tenants. Records of
 * the kit need none, for what may be entered follows from their fields; a context says in its face how the others are made.
 */
export interface SampleWorld {
  /** Belongs in every free text: by it a row of one tenant is found in an answer to another. */
  readonly mark: string;
  /** The id that an earlier sample gave under this name: `companyId`. */
  readonly known: (name: string) => string;
}

export interface Sample {
  readonly operation: CommandOperation;
  /** A role that has the permission. */
  readonly by: BuiltInRole;
  readonly input: (world: SampleWorld) => Readonly<Record<string, unknown>>;
  /** The name under which requests take its id: `entryId`. */
  readonly keeps?: string;
  /** Texts that a role may hide. */
  readonly guarded?: (world: SampleWorld) => readonly string[];
}

export const sample = <O extends CommandOperation>(
  operation: O,
  by: BuiltInRole,
  input: (world: SampleWorld) => CallOf<O>,
  more: Pick<Sample, 'keeps' | 'guarded'> = {},
): Sample => ({ operation, by, input: input as Sample['input'], ...more });
