import { nameId, type Operation } from '@daybook/kernel';

/** The id of a step of a command: named by what it is for, never by its order, which a retry may find changed. */
export const stepIdOf = (commandId: string, { name }: Pick<Operation, 'name'>, item = ''): string =>
  nameId(commandId, name, item);
