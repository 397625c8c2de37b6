import {
  type EventDeclaration,
  type EventEffect,
  type EventMeta,
  hidingFaults,
  platformTenant,
  sealingFaults,
} from '@daybook/kernel';
import { type EventCatalogue, UnknownEventError } from './catalogue.js';
import { openHmac, sealHmac } from './input-hmac.js';
import { openPersonal, sealedSubjectsIn, sealPersonal, subjectsIn } from './personal-data.js';
import type { StoredEvent } from './port.js';
import { type Sealer, type Subject, SubjectErasedError } from './sealer.js';

/** `accounting.entry-posted` version 2 is `accounting.entry-posted.v2` on the wire. */
export const wireType = (name: string, version: number): string => `${name}.v${version}`;

/** Refuses declarations with personal or guarded fields that it could not seal or hide. */
export function catalogueOf(declarations: readonly EventDeclaration[], sealer: Sealer): EventCatalogue {
  const known = new Map<string, EventDeclaration>();
  for (const declaration of declarations) {
    if (known.has(declaration.name)) throw new Error(`The event ${declaration.name} is declared twice.`);
    const faults = [...sealingFaults(declaration.data), ...hidingFaults(declaration.data, false)];
    if (faults.length > 0) throw new Error(`The event ${declaration.name} cannot be stored. ${faults.join(' ')}`);
    known.set(declaration.name, declaration);
  }

  return {
    declaration: (name) => known.get(name),

    sealedHmac: async (inputHmac, events, tenant) => {
      const subjects = events.flatMap(({ type, data }) => {
        const declaration = known.get(type);
        return declaration ? subjectsIn(declaration.data, data) : [];
      });
      const named = [...new Set(subjects)].sort();
      await sealer.prepare(tenant, named);
      return sealHmac(inputHmac, named, tenant, sealer);
    },

    toStore: async (id, event, meta) => {
      const found = known.get(event.type);
      if (!found) throw new Error(`The event ${event.type} is not declared.`);
      const checked = found.data.safeParse(event.data);
      if (!checked.success)
        throw new Error(`The data of ${event.type} is not what it declares: ${checked.error.message}`);
      const data = await sealPersonal(found.data, checked.data, meta.tenant, sealer);
      const address = await sealAddress(meta, sealer);
      const effect = effectOf(found, checked.data);
      return {
        id,
        type: wireType(event.type, found.version),
        data,
        meta: { ...meta, address, ...(effect ? { effect } : {}) },
      };
    },

    prefetchKeys: (events) =>
      sealer.prefetch(events.flatMap((stored) => subjectsOf(stored, known.get(nameOf(stored))))),

    fromStore: async (stored) => {
      const name = nameOf(stored);
      const declaration = known.get(name);
      if (!declaration) throw new UnknownEventError(stored.type, null);
      if (stored.type !== wireType(name, declaration.version)) {
        throw new UnknownEventError(stored.type, declaration.version);
      }
      const { id, stream, revision, position, recordedAt, meta } = stored;
      const opened = await openPersonal(declaration.data, stored.data, meta.tenant, sealer);
      const address = await openAddress(meta, sealer);
      return {
        id,
        type: name,
        version: declaration.version,
        stream,
        revision,
        position,
        recordedAt,
        data: opened,
        meta: { ...meta, address, inputHmac: await openHmac(meta.inputHmac, meta.tenant, sealer) },
      };
    },
  };
}

const nameOf = ({ type }: Pick<StoredEvent, 'type'>): string => type.slice(0, type.lastIndexOf('.v'));

/** The subjects whose keys unseal a stored event, as far as that is known before unsealing. */
function subjectsOf({ data, meta }: StoredEvent, declaration: EventDeclaration | undefined): Subject[] {
  const { tenant } = meta;
  const person = meta.address?.startsWith(sealedAddress) ? personOf(meta) : null;
  return [
    ...namedIn(data, declaration).map((subject) => ({ tenant, subject })),
    ...(person === null ? [] : [{ tenant: platformTenant, subject: person }]),
  ];
}

function namedIn(data: unknown, declaration: EventDeclaration | undefined): readonly string[] {
  try {
    return declaration ? sealedSubjectsIn(declaration.data, data) : [];
  } catch {
    // Unsealing it reports what is wrong with it.
    return [];
  }
}

/** The effect that the type declares, for programs that do not know it. */
function effectOf({ staged, applies, erases }: EventDeclaration, data: unknown): EventEffect | null {
  const effect: EventEffect = {
    ...(staged ? { staged } : {}),
    ...(applies ? { applies: true } : {}),
    ...(erases ? { erases: erases(data) } : {}),
  };
  return Object.keys(effect).length > 0 ? effect : null;
}

/*
 * The network address of a person is personal data too, in every tenant: it is sealed under the person's key, as `sealed:…`, and
 * left out once the person is erased. Addresses of services and of the program are not personal.
 */
const sealedAddress = 'sealed:';

const personOf = ({ actor, onBehalfOf }: EventMeta): string | null =>
  [actor, onBehalfOf].find((one) => one?.kind === 'person')?.id ?? null;

async function sealAddress(meta: EventMeta, sealer: Sealer): Promise<string | null> {
  const person = personOf(meta);
  if (meta.address === null || person === null) return meta.address;
  try {
    return sealedAddress + (await sealer.seal(platformTenant, person, meta.address));
  } catch (error) {
    if (error instanceof SubjectErasedError) return null;
    throw error;
  }
}

async function openAddress(meta: EventMeta, sealer: Sealer): Promise<string | null> {
  const person = personOf(meta);
  if (!meta.address?.startsWith(sealedAddress) || person === null) return meta.address;
  return sealer.open(platformTenant, person, meta.address.slice(sealedAddress.length));
}
