import { bindingOf, derive, openWith, sealWith } from '../seal.js';
import { type Sealer, SubjectErasedError } from '../sealer.js';

/** For specs without a database: real sealing, with keys derived from the subject. */
export function memorySealer(): Sealer {
  const erased = new Set<string>();
  const listeners = new Set<() => void>();
  return {
    seal: async (tenant, subject, clear) => {
      const bound = bindingOf(tenant, subject);
      if (erased.has(bound)) throw new SubjectErasedError(subject);
      return sealWith(derive(bound, 'memory'), bound, Buffer.from(clear)).toString('base64url');
    },
    open: async (tenant, subject, sealed) => {
      const bound = bindingOf(tenant, subject);
      if (erased.has(bound)) return null;
      return openWith(derive(bound, 'memory'), bound, Buffer.from(sealed, 'base64url')).toString();
    },
    prefetch: async () => undefined,
    prepare: async () => undefined,
    erase: async (tenant, subject) => {
      erased.add(bindingOf(tenant, subject));
      for (const listener of listeners) listener();
    },
    onErasure: (listener) => void listeners.add(listener),
    blindIndex: async (tenant, value) => derive(bindingOf(tenant, value), 'memory look-up').toString('base64url'),
  };
}
