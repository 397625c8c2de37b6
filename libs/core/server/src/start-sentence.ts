import { StoreUnavailable, VaultLocked } from '@daybook/event-store';
import { DataFormatError } from '@daybook/kernel/data-format';
import { databaseSentence } from '@daybook/postgres';
import { LogExchanged } from '@daybook/projections';

/** What the operator can put right, in one sentence; null for anything else. */
export function startSentence(error: unknown): string | null {
  const own = [DataFormatError, LogExchanged, StoreUnavailable, VaultLocked];
  return own.some((kind) => error instanceof kind) ? (error as Error).message : databaseSentence(error);
}

export function startMessage(error: unknown): string {
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  return code === 'EADDRINUSE' ? `Port ${port} on ${address} is taken.` : 'Daybook cannot start.';
}
