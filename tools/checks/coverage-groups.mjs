/*
 * The files whose branch coverage is measured, by group. Only they are instrumented, to keep the overhead small. Programs that a
 * spec starts as a separate process are not measured. Globs have no braces: a glob that matches nothing fails, but an alternative
 * within braces would not.
 */
export const groups = {
  deciders: [
    'libs/contexts/*/src/**/*.decider.ts',
    'libs/contexts/*/src/**/*.state.ts',
    'libs/contexts/*/src/**/*.decision-facts.ts',
    'libs/contexts/*/src/**/decide-*.ts',
  ],
  projections: ['libs/*/*/src/**/*.projection.ts'],
  walls: [
    // who may do what
    'libs/contexts/identity/src/access/*.ts',
    'libs/contexts/identity/src/grant/*.ts',
    'libs/contexts/identity/src/role/*.ts',
    'libs/contexts/identity/src/api-key/*.ts',
    'libs/contexts/identity/src/delegated-access/*.ts',
    'libs/contexts/identity/src/segregation-of-duties/*.ts',
    'libs/contexts/identity/src/session/*.ts',
    'libs/contexts/identity/src/tenant/check-grant.ts',
    'libs/contexts/identity/src/tenant/escalation-guard.ts',
    'libs/contexts/identity/src/tenant/holders.ts',
    'libs/contexts/identity/src/tenant/last-admin.ts',
    // what every request passes: authorise, restrict, limit
    'libs/core/server/src/dispatch/*.ts',
    'libs/core/server/src/files/readable-files.ts',
    'libs/core/server/src/graphql/cost.ts',
    'libs/core/server/src/graphql/limits.ts',
    'libs/core/server/src/live/*.ts',
    // sealing
    'libs/core/event-store/src/personal-data.ts',
    'libs/core/event-store/src/seal.ts',
    'libs/core/event-store/src/sealer.ts',
    'libs/core/event-store/src/postgres/master-keys.ts',
    'libs/core/event-store/src/postgres/postgres-sealer.ts',
    'libs/core/event-store/src/postgres/reapply-erasures.ts',
    'libs/core/event-store/src/postgres/rotate-vault.ts',
    // row security
    'libs/core/postgres/src/in-tenant.ts',
    'libs/core/postgres/src/privileges.ts',
    'libs/core/postgres/src/roles.ts',
    'libs/core/postgres/src/schema-scope.ts',
  ],
};

/** Excludes specs, test doubles and declarations, which have hardly any branches. */
const left = ['**/*.spec.ts', '**/testing/**', '**/*.{events,operations,internal,schema,view,migrations}.ts'];

/** For Jest's `collectCoverageFrom`. */
export const counted = [...Object.values(groups).flat(), ...left.map((glob) => `!${glob}`)];
