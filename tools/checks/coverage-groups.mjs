/*
 * The files whose branches are counted while the specs run, by group. Only they are instrumented, so that counting costs
 * little. Programs that a spec starts as a process are not counted.
 */
export const groups = {
  deciders: ['libs/contexts/*/src/**/*.{decider,state,facts}.ts', 'libs/contexts/*/src/**/decide-*.ts'],
  projections: ['libs/*/*/src/**/*.projection.ts'],
  walls: [
    'libs/contexts/identity/src/{access,grant,role,api-key,delegated-access}/*.ts', // who may do what
    'libs/core/server/src/dispatch/*.ts', // what every request passes: authorise, restrict, limit
    'libs/core/server/src/graphql/{limits,cost}.ts',
    'libs/core/event-store/src/{seal,sealer,personal-data}.ts', // sealing
    'libs/core/event-store/src/postgres/{postgres-sealer,reapply-erasures,master-keys,rotate-vault}.ts',
    'libs/core/postgres/src/{in-tenant,roles,privileges,schema-scope}.ts', // row security
  ],
};

/** Neither specs and test doubles, nor declarations, which have no branches to speak of. */
const left = ['**/*.spec.ts', '**/testing/**', '**/*.{events,operations,internal,schema,view,migrations}.ts'];

/** For Jest's `collectCoverageFrom`. */
export const counted = [...Object.values(groups).flat(), ...left.map((glob) => `!${glob}`)];
