import {
  type EventDeclaration,
  type EventEffect,
  type EventMeta,
  personalFields,
  type PersonalMark,
  platformTenant,
} from '@daybook/kernel';
import { type EventCatalogue, UnknownEventError } from './catalogue.js';
import { type Sealer, SubjectErasedError } from './sealer.js';

type Fields = Record<string, unknown>;
interface Known {
  readonly declaration: EventDeclaration;
  readonly personal: ReadonlyMap<string, PersonalMark>;
}

/** `accounting.entry-posted` version 2 is `accounting.entry-posted.v2` on the wire. */
export const wireType = (name: string, version: number): string => `${name}.v${version}`;

export function catalogueOf(declarations: readonly EventDeclaration[], sealer: Sealer): EventCatalogue {
  const known = new Map<string, Known>();
  for (const declaration of declarations) {
    if (known.has(declaration.name)) throw new Error(`The event ${declaration.name} is declared twice.`);
    for (let version = 1; version < declaration.version; version++) {
      if (!declaration.upcast[version]) throw new Error(`${wireType(declaration.name, version)} has no upcaster.`);
    }
    known.set(declaration.name, { declaration, personal: personalFields(declaration.data) });
  }

  return {
    declaration: (name) => known.get(name)?.declaration,

    toStore: async (id, event, meta) => {
      const found = known.get(event.type);
      if (!found) throw new Error(`The event ${event.type} is not declared.`);
      const checked = found.declaration.data.safeParse(event.data);
      if (!checked.success)
        throw new Error(`The data of ${event.type} is not what it declares: ${checked.error.message}`);
      const data = await sealFields(checked.data, found.personal, meta.tenant, sealer);
      const address = await sealAddress(meta, sealer);
      const effect = effectOf(found.declaration, checked.data);
      return {
        id,
        type: wireType(event.type, found.declaration.version),
        data,
        meta: { ...meta, address, ...(effect ? { effect } : {}) },
      };
    },

    fromStore: async (stored) => {
      const dot = stored.type.lastIndexOf('.v');
      const name = stored.type.slice(0, dot);
      const version = Number(stored.type.slice(dot + 2));
      const found = known.get(name);
      if (!found) throw new UnknownEventError(stored.type, null);
      const { declaration, personal } = found;
      if (!(version >= 1 && version <= declaration.version)) {
        throw new UnknownEventError(stored.type, declaration.version);
      }
      let data = stored.data;
      // Upcasters see personal fields sealed: they may move them, not read them.
      for (let v = version; v < declaration.version; v++) data = declaration.upcast[v]!(data as never);
      const { id, stream, revision, position, recordedAt, meta } = stored;
      const opened = await openFields(data, personal, meta.tenant, sealer);
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
        meta: address === meta.address ? meta : { ...meta, address },
      };
    },
  };
}

/** What the declaration says beyond its data, for programs that will not have it. */
function effectOf({ staged, applies, erases }: EventDeclaration, data: unknown): EventEffect | null {
  const effect: EventEffect = {
    ...(staged ? { staged } : {}),
    ...(applies ? { applies: true } : {}),
    ...(erases ? { erases: erases(data as never) } : {}),
  };
  return Object.keys(effect).length > 0 ? effect : null;
}

async function sealFields(
  data: unknown,
  personal: Known['personal'],
  tenant: string,
  sealer: Sealer,
): Promise<unknown> {
  if (personal.size === 0) return data;
  const sealed: Fields = { ...(data as Fields) };
  for (const [field, { subject }] of personal) {
    const value = sealed[field];
    if (value === undefined || value === null) continue;
    sealed[field] = { sealed: await sealer.seal(tenant, subjectIn(sealed, subject), JSON.stringify(value)) };
  }
  return sealed;
}

async function openFields(
  data: unknown,
  personal: Known['personal'],
  tenant: string,
  sealer: Sealer,
): Promise<unknown> {
  if (personal.size === 0) return data;
  const opened: Fields = { ...(data as Fields) };
  for (const [field, { subject }] of personal) {
    const value = opened[field];
    if (!isSealed(value)) continue;
    const clear = await sealer.open(tenant, subjectIn(opened, subject), value.sealed);
    opened[field] = clear === null ? null : (JSON.parse(clear) as unknown);
  }
  return opened;
}

/*
 * From where a person acted is personal too, whatever tenant it was in: it is sealed under the key of his own stream, as
 * `sealed:…`. Of an erased person it is left out. Addresses of services and of the program are nobody's.
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

const isSealed = (value: unknown): value is { sealed: string } =>
  typeof value === 'object' && value !== null && typeof (value as { sealed?: unknown }).sealed === 'string';

function subjectIn(data: Fields, field: string): string {
  const subject = data[field];
  if (typeof subject !== 'string') throw new Error(`The subject field ${field} of personal data is no text.`);
  return subject;
}
