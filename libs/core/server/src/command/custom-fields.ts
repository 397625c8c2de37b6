import { type CommandOperation, type CustomField, customValues, isRejection } from '@daybook/kernel';
import type { Caller, CustomFieldRegistry } from '../context.js';
import type { FactReader } from '../facts.js';

interface Asked {
  readonly operation: CommandOperation;
  readonly input: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}
type Given = Parameters<typeof customValues>[2];

/**
 * The decision fact of every command that enters custom fields: the definitions of its record type. Soft, so up to ten seconds
 * behind; but what would refuse the command is asked anew, so that nobody is refused a field that is there by now
 * (docs/adr/0066). undefined for all other commands.
 */
export async function customFieldsFor(
  { operation, input, caller }: Asked,
  registry: CustomFieldRegistry,
  facts: FactReader,
): Promise<readonly CustomField[] | undefined> {
  const given = input['custom'];
  if (operation.custom === null || (operation.custom.does === 'change' && given === undefined)) return undefined;
  const { record, does } = operation.custom;
  const known = (await facts.soft(caller).of(registry.state)).get(record.name) ?? [];
  const verdict = customValues(record, known, (given ?? {}) as Given, does === 'create' ? null : {});
  if (!isRejection(verdict)) return known;
  return (await facts.binding(caller).of(registry.state)).get(record.name) ?? [];
}
