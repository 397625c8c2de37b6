import { fault } from './finding.js';
import { type SaftVersion, saftVersions } from './records.js';
import type { Element } from './xml.js';

export const saftNamespace = 'urn:StandardAuditFile-Taxation-Financial:NO';
const xsi = 'http://www.w3.org/2001/XMLSchema-instance';

/** Checks that the root is the Norwegian AuditFile; returns the version of its schemaLocation, if any. */
export function readRoot(element: Element): SaftVersion | null {
  if (element.name !== 'AuditFile') {
    throw fault(
      'saft.not-saft',
      element.line,
      `The root element is ${element.name}; a SAF-T file starts with AuditFile.`,
    );
  }
  if (element.uri === '') {
    throw fault(
      'saft.namespace-missing',
      element.line,
      `AuditFile has no namespace, so the file is not valid SAF-T. Ask the sender to add xmlns="${saftNamespace}" to AuditFile.`,
    );
  }
  if (element.uri !== saftNamespace) {
    throw fault(
      'saft.namespace-invalid',
      element.line,
      `AuditFile has the namespace ${element.uri}; that of Norwegian SAF-T Financial is ${saftNamespace}.`,
    );
  }
  const location = Object.values(element.attributes).find((a) => a.uri === xsi && a.local === 'schemaLocation')?.value;
  const named = /Financial_Schema_v_(\d\.\d+)\.xsd/.exec(location ?? '')?.[1];
  return saftVersions.find((v) => v === named) ?? null;
}

/** AuditFileVersion decides, as at the tax administration; if Daybook does not know that version, the schema decides. */
export function versionOf(stated: string | null, line: number, schema: SaftVersion | null): SaftVersion {
  const version = saftVersions.find((v) => v === stated) ?? schema;
  if (version === null) {
    throw fault(
      'saft.version-invalid',
      line,
      `AuditFileVersion is ${stated ?? 'missing'}; Daybook reads ${saftVersions.join(', ')}.`,
    );
  }
  return version;
}
