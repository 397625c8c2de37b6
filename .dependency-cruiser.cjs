/*
 * The rules of dependencies (docs/architecture.md), each with a deliberately bad fixture of its name under
 * tools/checks/fixtures/boundaries that proves that it fires (tools/checks/boundaries.mjs).
 */
/** The worked examples of docs/developer.md are contexts too. */
const anyContext = '^(libs/contexts|examples)/[^/]+/src/';
/** The machinery, but for the words that everybody uses, and for the events and commands of its own deciders. */
const machinery = '^libs/(app|testing|core/(?!kernel/)[^/]+)/(?!.*\\.(events|internal)\\.ts$)';
const kernel = '^libs/core/kernel/src/index\\.ts$';
const zod = 'node_modules/zod/';
const layer = (...names) => `^(libs/.+|examples/[^/]+)/src/.*\\.(${names.join('|')})\\.ts$`;
/** Specs and doubles may reach anything. */
const test = '(\\.spec\\.ts|/testing/(src/)?[^/]+\\.m?[jt]s)$';

/** Files of a layer may import these and nothing else. */
const only = (name, comment, from, ...to) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: test },
  to: { pathNot: to.join('|') },
});
/** Files of a layer may reach none of these, directly or through others. */
const reaches = (name, comment, from, ...to) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: test },
  to: { path: to.join('|'), reachable: true },
});
const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const schema = layer('schema');
/** Modules of Node (they have no path), Nest, and drivers. */
const impure = ['^[a-z_]+$', '^node:', '^fs/', '@nestjs/', 'node_modules/pg/', '@types/pg/'];

module.exports = {
  forbidden: [
    only(
      'kernel-imports-nothing',
      'The words everybody uses depend on nobody and on no framework.',
      '^libs/core/kernel/src/',
      '^libs/core/kernel/(src/|[a-z-]+\\.json$)',
      'node_modules/(@types/)?(zod|big\\.js|uuid)/',
    ),
    only(
      'schemas-import-kernel',
      'A schema that events and operations share is as browser-safe as they are.',
      schema,
      kernel,
      schema,
      zod,
    ),
    only(
      'records-import-kernel',
      'The fields of a record are as browser-safe as all that derives from them.',
      layer('record', 'register'),
      kernel,
      layer('record', 'schema'),
      zod,
    ),
    only(
      'events-import-kernel',
      'Events are what contexts publish: schemas and nothing behind them.',
      layer('events'),
      kernel,
      schema,
      layer('events', 'record'),
      zod,
    ),
    only(
      'operations-import-kernel-and-events',
      'Operations run in the browser: the console calls and validates by them.',
      layer('operations'),
      kernel,
      schema,
      layer('events', 'operations', 'record'),
      zod,
    ),
    only(
      'internal-commands-import-declarations',
      'Internal commands are declared as others are. What is published may not import them.',
      layer('internal'),
      kernel,
      schema,
      layer('events', 'operations', 'internal'),
      zod,
    ),
    reaches(
      'deciders-are-pure',
      'A decision depends on command, state and facts; whatever reads or waits is outside, at any distance.',
      layer('decider'),
      machinery,
      layer('projection', 'view', 'process', 'module'),
      ...impure,
    ),
    never(
      'projections-are-pure',
      'A read model depends on events alone; its queries on its own tables.',
      { path: layer('projection'), pathNot: test },
      {
        path: [
          '^libs/(app|testing|core/(?!(kernel|projections)/)[^/]+)/',
          layer('decider', 'process', 'module'),
          ...impure,
        ],
      },
    ),
    only(
      'views-import-kernel-and-operations',
      'A view is shown in the browser: it names operations and words. So do samples, which stand in a face.',
      layer('view', 'samples'),
      kernel,
      schema,
      layer('operations', 'record', 'view'),
      '^libs/.+/src/index\\.ts$',
    ),
    only(
      'processes-import-kernel-events-and-operations',
      'A process manager decides: events in, commands out.',
      layer('process'),
      kernel,
      schema,
      layer('events', 'operations', 'internal', 'process'),
      '^libs/.+/src/index\\.ts$',
      zod,
    ),
    only(
      'published-states-import-kernel-and-events',
      'A published state is a fold of events and nothing else, so that whoever uses it depends on no decider.',
      layer('published'),
      kernel,
      schema,
      // A register has its events.
      layer('events', 'register'),
      zod,
    ),
    only(
      'a-contexts-index-is-browser-safe',
      'index.ts is what other contexts and the console see: events, operations, views, published states.',
      `${anyContext}index\\.ts$`,
      kernel,
      layer('events', 'operations', 'record', 'register', 'view', 'schema', 'published', 'samples'),
    ),
    never(
      'contexts-meet-through-index',
      'Contexts know of each other what they publish, never tables or deciders.',
      { path: '^libs/contexts/([^/]+)/src/', pathNot: test },
      { path: anyContext, pathNot: ['^libs/contexts/$1/', '^libs/.+/src/index\\.ts$'] },
    ),
    never(
      'technical-libraries-know-no-context',
      'What every context builds on cannot depend on one of them.',
      { path: '^libs/core/', pathNot: test },
      { path: anyContext },
    ),
    never(
      'only-the-product-lists-contexts',
      'The list of contexts is read by the two modules of the product, so that nothing else depends on all of them.',
      { path: '^(libs|apps)/', pathNot: ['^libs/app/src/(app|projector)\\.module\\.ts$', test] },
      { path: '^libs/contexts/index\\.ts$' },
    ),
    never(
      'only-modules-know-nest',
      'Nest stays in <context>.module.ts, so that the rest of a context outlives it.',
      { path: anyContext, pathNot: ['\\.module\\.ts$', test] },
      { path: '(^|/)@nestjs/' },
    ),
    never(
      'no-cycles',
      'Two files that need each other are one, or three.',
      { path: '^(libs|apps|examples)/' },
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    never(
      'web-imports-kernel-and-published-faces',
      'The console knows operations, events and views; no server part may reach the browser.',
      { path: '^apps/web/', pathNot: '^apps/web/(e2e|tools)/' },
      {
        path: '^(libs|apps)/',
        pathNot: [
          '^apps/web/',
          kernel,
          `${anyContext}index\\.ts$`,
          '^libs/core/server/src/(.*\\.(operations|view|schema)|platform)\\.ts$',
        ],
      },
    ),
    never(
      'libraries-know-no-app',
      'Apps wire libraries together, never the other way.',
      { path: '^libs/' },
      { path: '^apps/' },
    ),
    never(
      'production-needs-no-test-double',
      'Doubles and fixtures stay out of what runs.',
      { path: '^(libs|apps)/', pathNot: [test, '/testing/', '^apps/web/e2e/'] },
      { path: ['^(libs|apps)/.*/testing/', '^libs/testing/'] },
    ),
    never(
      'clients-stay-behind-their-port',
      'A queue or store that is replaced touches its adapter and nothing else.',
      { path: '^(libs|apps)/', pathNot: '^libs/core/(jobs|event-store|mail)/' },
      { path: '(^|/)(pg-boss|@eventstore/db-client|nodemailer)(/|$)' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.angular|fixtures)/' },
    tsPreCompilationDeps: true,
  },
};
