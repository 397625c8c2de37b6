/*
 * Policies of an entity's table, as its migration creates them. MikroORM compares them with those of the tables, so that
 * `npm run db:check` also finds a policy that is missing or too permissive.
 */
interface Policy {
  readonly name: string;
  readonly roles: string[];
  readonly using: string;
  readonly check?: string;
}
const tenantSet = `tenant = nullif(current_setting('daybook.tenant', true), '')::uuid`;

/** A role sees the rows of the tenant that its transaction names. `using` also applies to writes. */
export const tenantPolicy = (name: string, role: string, { checks = true } = {}): Policy => ({
  name,
  roles: [role],
  using: tenantSet,
  ...(checks ? { check: tenantSet } : {}),
});

/** The projector sees every row. */
export const openPolicy = (name: string): Policy => ({
  name,
  roles: ['daybook_projector'],
  using: 'true',
  check: 'true',
});

/**
 * A table of a schema scope, as `scopedTableSql` protects it: the API sees rows while its transaction names the scope. With
 * `erasable`, the projector does too, as `erasableTableSql` says.
 */
export const scopedTable = (
  scope: string,
  { erasable = false } = {},
): { schema: string; rowLevelSecurity: 'force'; policies: Policy[] } => {
  const inScope = `current_setting('daybook.schema_scope', true) = '${scope}'`;
  const policy = (name: string, role: string) => ({ name, roles: [role], using: inScope, check: inScope });
  const erasure = erasable ? [policy('erasure', 'daybook_projector')] : [];
  return { schema: scope, rowLevelSecurity: 'force', policies: [policy('schema_scope', 'daybook_api'), ...erasure] };
};
