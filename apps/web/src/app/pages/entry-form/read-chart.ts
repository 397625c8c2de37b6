import { listAccounts } from '@daybook/accounting';
import type { Api } from '../../core/api';
import type { AccountChoice } from './line-grid';

/** A chart is read whole for the search in its cells; at most this many pages of 200. */
const mostPages = 25;

export async function readChart(api: Api, companyId: string, signal: AbortSignal): Promise<AccountChoice[]> {
  const accounts: AccountChoice[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const input = { companyId, limit: 200, ...(cursor ? { cursor } : {}) };
    const answer = await api.ask(listAccounts, input, { signal, known: null });
    for (const account of answer.items) accounts.push(account);
    if (answer.next === null) break;
    cursor = answer.next;
  }
  return accounts;
}
