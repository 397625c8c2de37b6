import { computed, inject, type Signal } from '@angular/core';
import type { postEntry } from '@daybook/accounting';
import { approvalRequestView, changeRequest, readApprovalRequest } from '@daybook/approvals';
import type { CallOf } from '@daybook/kernel';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { changesOf } from '../../core/changes';
import { Toasts } from '../../core/toasts';

/** The entry that waits for approval under the id in the address, where the form changes one. Needs an injection context. */
export function waitingEntry(approvalRequest: Signal<string | undefined>) {
  const api = inject(Api);
  const toasts = inject(Toasts);
  const command = asked(
    () => (approvalRequest() === undefined ? null : { requestId: String(approvalRequest()) }),
    (input, signal) => api.ask(readApprovalRequest, input, { signal, known: null }),
  );
  return {
    command,
    /** Only the requester, and not once it is completed. */
    mayChange: computed(() => command.value()?.yourPart === 'own'),
    page: () => `/${approvalRequestView.path}/${approvalRequest()}`,
    /** Gives it another content; what the books would refuse is refused like posting it. */
    change: async (input: CallOf<typeof postEntry>, key: string): Promise<void> => {
      const { id, version, input: before } = command.value() ?? { id: '', version: 0, input: null };
      const shown = Object.entries(before ?? {}).filter(
        ([name]) => name in input || name === 'voucher' || name === 'custom',
      );
      const changes = changesOf(Object.fromEntries(shown), input);
      await api.execute(changeRequest, { requestId: id, input: changes }, { key, ifMatch: version });
      toasts.show(`${input.description} is changed and waits again. Approvals given so far are void.`);
    },
  };
}
