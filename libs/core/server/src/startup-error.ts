import { StoreUnavailable, VaultLocked } from '@daybook/event-store';
import { DataFormatError } from '@daybook/kernel/data-format';
import { databaseErrorMessage } from '@daybook/postgres';
import { LogReplaced } from '@daybook/projections';

/** One sentence for an error that the operator can fix; null for all others. */
export function operatorMessage(error: unknown): string | null {
  const own = [DataFormatError, LogReplaced, StoreUnavailable, VaultLocked];
  return own.some((kind) => error instanceof kind) ? (error as Error).message : databaseErrorMessage(error);
}

export function startupMessage(error: unknown): string {
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  return code === 'EADDRINUSE' ? `Port ${port} on ${address} is taken.` : 'Daybook cannot start.';
}
