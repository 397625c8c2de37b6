import angular from 'angular-eslint';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const pure = [
  ...[
    'record',
    'register',
    'decider',
    'state',
    'published',
    'projection',
    'events',
    'operations',
    'internal',
    'process',
    'schema',
    'view',
  ].flatMap((layer) => [`libs/**/src/**/*.${layer}.ts`, `examples/*/src/**/*.${layer}.ts`]),
  // A decider too long for one file stands in parts beside it.
  'libs/**/src/**/decide-*.ts',
];

/** Arguments end at some hundred thousand, with a RangeError: what grows with data is walked instead. */
const noSpreadOfData = [
  {
    selector: 'CallExpression[callee.object.name=/^(Math|String|decimals)$/] > SpreadElement',
    message: 'Arguments are bounded by the stack: reduce a list (decimals.sum) instead of spreading it.',
  },
  {
    selector: 'CallExpression[callee.property.name=/^(push|unshift|splice)$/] > SpreadElement',
    message: 'Arguments are bounded by the stack: push one by one, or concat the list.',
  },
];

/** A type that does not fit is a fault, or a declaration to loosen; a name for the functions of a table is `Erased` (kernel). */
const noCasts = [
  {
    selector: 'TSAsExpression > TSNeverKeyword',
    message: 'Let the types say it: see `Erased`, `isEventOf` and `fold`.',
  },
];

/** `in ()` is no SQL, and `in ($1, …)` takes 65,535 values. */
const noListInSql = [
  {
    selector: 'CallExpression > Literal[value=/^(not )?in$/i]',
    message: "Compare with a list by `'=', anyOf(list)` or `'<>', allOf(list)`; with a query in a template of sql.",
  },
  {
    selector: 'TemplateLiteral > TemplateElement[value.raw=/\\bin \\($/i]',
    message: 'Compare with a list by `= ${anyOf(list)}`; a query brings its own parentheses.',
  },
];

/** Pure files know what time it is, and everything else about the world, only from their arguments. */
const purity = {
  'no-restricted-globals': [
    'error',
    ...['crypto', 'process', 'fetch', 'setTimeout', 'setInterval', 'performance', 'Buffer', 'console'].map((name) => ({
      name,
      message: 'A pure file has no clock, randomness, I/O or Node.',
    })),
  ],
  'no-restricted-syntax': [
    'error',
    ...noSpreadOfData,
    ...noCasts,
    ...noListInSql,
    {
      selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
      message: 'A pure file has no clock: now arrives in the context or the event.',
    },
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: 'A pure file has no clock: now arrives in the context or the event.',
    },
    {
      selector: "MemberExpression[object.name='Math'][property.name='random']",
      message: 'A pure file has no randomness: ids arrive in the context.',
    },
    {
      selector: "ImportSpecifier[imported.name='newId']",
      message: 'A pure file has no randomness: ids arrive in the context.',
    },
  ],
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        { regex: '^node:', message: 'A pure file knows no Node.' },
        { regex: '^(crypto|fs|path|os|http|https|child_process)$', message: 'A pure file knows no Node.' },
        { regex: '^@nestjs/', message: 'Only <context>.module.ts knows Nest.' },
      ],
    },
  ],
};

/** Address, TLS, time limits and bounds of every connection to PostgreSQL come from libs/core/postgres (docs/adr). */
const connectionsMessage =
  'Connections to PostgreSQL are made in libs/core/postgres: createPool, connectTo, orm or Listener.';
const connections = {
  '@typescript-eslint/no-restricted-imports': [
    'error',
    {
      paths: [
        { name: 'pg', allowTypeImports: true, message: connectionsMessage },
        { name: 'pg-pool', allowTypeImports: true, message: connectionsMessage },
        { name: '@mikro-orm/postgresql', importNames: ['MikroORM', 'defineConfig'], message: connectionsMessage },
      ],
    },
  ],
  'no-restricted-syntax': [
    'error',
    ...[
      'ImportExpression[source.value=/^(pg|pg-pool)$/]',
      'Property[key.name=/^(clientUrl|connectionString)$/]',
      "CallExpression[callee.name='require'][arguments.0.value=/^(pg|pg-pool)$/]",
    ].map((selector) => ({ selector, message: connectionsMessage })),
    // The last list for a file is the one that counts.
    ...noSpreadOfData,
    ...noCasts,
  ],
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/.angular/**',
      '**/.nx/**',
      '.daybook/**',
      'test-results/**',
      'tools/checks/fixtures/**',
      'apps/web/public/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommended],
    // Without the decorator options a fix would turn the classes Nest injects into type imports.
    languageOptions: { parserOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    ignores: ['**/*.spec.ts', '**/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...noSpreadOfData, ...noCasts, ...noListInSql] },
  },
  {
    files: ['libs/**/*.ts', 'apps/{api,projector}/**/*.ts', 'tools/**/*.{mjs,ts}'],
    // Specs look at the database from outside the program.
    ignores: [
      '**/*.spec.ts',
      '**/testing/**',
      ...pure,
      ...[
        'connection',
        'find-endpoint',
        'pool',
        'type-parsers',
        'orm',
        'entity-driver',
        'entity-manager',
        'schema-drift',
        'migrate',
      ].map((name) => `libs/core/postgres/src/${name}.ts`),
    ],
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: connections,
  },
  { files: pure, ignores: ['**/*.spec.ts'], rules: purity },
  {
    files: ['apps/web/**/*.ts'],
    extends: [...angular.configs.tsRecommended],
    processor: angular.processInlineTemplates,
  },
  {
    files: ['apps/web/**/*.html'],
    extends: [...angular.configs.templateRecommended, ...angular.configs.templateAccessibility],
    rules: {
      // Grids and list boxes take keys from the one cell or field that has the focus (ARIA APG, roving tabindex and
      // active descendant); these rules look at the element that listens. The keyboard specs hold what they ask for.
      '@angular-eslint/template/interactive-supports-focus': 'off',
      '@angular-eslint/template/click-events-have-key-events': 'off',
      // A dialog or palette that opens puts the focus on its first field (ARIA APG, dialog).
      '@angular-eslint/template/no-autofocus': 'off',
    },
  },
  prettier,
);
