import { nameId, type Operation } from '@daybook/kernel';

/** The command id of a step: derived from operation and item, never from its order, which may differ in a retry. */
export const stepIdOf = (commandId: string, { name }: Pick<Operation, 'name'>, item = ''): string =>
  nameId(commandId, name, item);
