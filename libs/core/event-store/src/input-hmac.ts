import type { Sealer } from './sealer.js';

/* `sealed:<subject>:<text>`, nested where there are several subjects; the plain HMAC where there are none. */
const form = /^sealed:([^:]*):(.*)$/s;

export async function sealHmac(
  hmac: string,
  subjects: readonly string[],
  tenant: string,
  sealer: Sealer,
): Promise<string> {
  let sealed = hmac;
  for (const subject of subjects) {
    sealed = `sealed:${encodeURIComponent(subject)}:${await sealer.seal(tenant, subject, sealed)}`;
  }
  return sealed;
}

/** Empty once a subject was erased. */
export async function openHmac(stored: string, tenant: string, sealer: Sealer): Promise<string> {
  let hmac = stored;
  for (let parts = form.exec(hmac); parts; parts = form.exec(hmac)) {
    hmac = (await sealer.open(tenant, decodeURIComponent(parts[1]!), parts[2]!)) ?? '';
  }
  return hmac;
}
