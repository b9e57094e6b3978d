import { defineConfig } from 'oxlint';

/** What `npm run lint` asks for beyond oxlint's category "correctness": the rest of what strict TypeScript projects take. */
const stricter = [
  ...['eqeqeq', 'no-array-constructor', 'no-case-declarations', 'no-empty', 'no-empty-function', 'no-fallthrough'],
  ...['no-prototype-builtins', 'no-redeclare', 'no-regex-spaces', 'no-unexpected-multiline', 'no-useless-constructor'],
  'preserve-caught-error',
  ...[
    ...['adjacent-overload-signatures', 'array-type', 'ban-tslint-comment', 'class-literal-property-style'],
    ...[
      'consistent-generic-constructors',
      'consistent-indexed-object-style',
      'consistent-type-assertions',
      'dot-notation',
    ],
    ...['no-confusing-non-null-assertion', 'no-deprecated', 'no-dynamic-delete', 'no-empty-object-type'],
    ...['no-explicit-any', 'no-extraneous-class', 'no-generated-empty-object-type', 'no-inferrable-types'],
    ...['no-invalid-void-type', 'no-misused-promises', 'no-mixed-enums', 'no-namespace'],
    ...['no-non-null-asserted-nullish-coalescing', 'no-non-null-assertion', 'no-require-imports'],
    ...['no-unnecessary-boolean-literal-compare', 'no-unnecessary-condition', 'no-unnecessary-template-expression'],
    ...['no-unnecessary-type-arguments', 'no-unnecessary-type-assertion', 'no-unnecessary-type-constraint'],
    ...['no-unnecessary-type-conversion', 'no-unnecessary-type-parameters', 'no-unsafe-argument'],
    ...['no-unsafe-assignment', 'no-unsafe-call', 'no-unsafe-enum-comparison', 'no-unsafe-function-type'],
    ...['no-unsafe-member-access', 'no-unsafe-return', 'non-nullable-type-assertion-style', 'only-throw-error'],
    ...['prefer-find', 'prefer-for-of', 'prefer-function-type', 'prefer-includes', 'prefer-literal-enum-member'],
    ...['prefer-nullish-coalescing', 'prefer-promise-reject-errors', 'prefer-reduce-type-parameter'],
    ...['prefer-regexp-exec', 'prefer-return-this-type', 'prefer-string-starts-ends-with'],
    ...['related-getter-setter-pairs', 'require-await', 'switch-exhaustiveness-check', 'unified-signatures'],
    'use-unknown-in-catch-callback-variable',
  ].map((name) => `typescript/${name}`),
];

/** What needs nothing of the rest may import none of these. */
const allParts = [
  'workflows',
  'simulator',
  'activities',
  'server',
  'storage',
  'http',
  'worker',
  'embedded',
  'cli',
  'config',
  'errors',
];

/** Folders whose code a part may not import (types are allowed where `typesFrom` names them). See docs/DESIGN.md, "Folders". */
const boundaries = {
  language: { never: allParts },
  workflows: {
    never: ['simulator', 'server', 'storage', 'http', 'worker', 'embedded', 'cli', 'config', 'errors'],
    typesFrom: ['activities'],
    packages: ['zod', 'node:*', 'pino', 'pg', 'drizzle-orm', 'undici', 'fastify'],
  },
  simulator: {
    never: ['server', 'storage', 'http', 'worker', 'embedded', 'cli', 'config', 'errors'],
    typesFrom: ['activities'],
    packages: ['@temporalio/*'],
  },
  authoring: { never: allParts },
  activities: { never: ['workflows', 'server', 'worker', 'embedded', 'cli'] },
  server: { never: ['workflows', 'worker', 'embedded', 'cli'], typesFrom: ['activities'] },
  storage: { never: ['workflows', 'activities', 'server', 'http', 'worker', 'embedded', 'cli'] },
  http: {
    never: [
      'language',
      'workflows',
      'simulator',
      'authoring',
      'activities',
      'server',
      'storage',
      'worker',
      'embedded',
      'cli',
      'config',
      'settings',
    ],
  },
  worker: { never: ['cli'] },
  console: {
    never: ['activities', 'server', 'storage', 'http', 'worker', 'embedded', 'config', 'errors'],
    typesFrom: ['cli'],
    packages: ['node:*', 'zod', 'pino', 'pg', 'drizzle-orm', 'undici', 'fastify', '@temporalio/*'],
  },
  embedded: { never: ['workflows', 'activities', 'server', 'worker', 'cli'] },
};

const boundaryRules = Object.entries(boundaries).map(([folder, { never, typesFrom = [], packages = [] }]) => ({
  files: [`${folder}/**/*.{ts,tsx}`],
  rules: {
    'typescript/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...never.map((part) => ({
            regex: `^(\\.\\./)+${part}(/|\\.ts$)`,
            message: `${folder}/ must not depend on ${part} (docs/DESIGN.md, "Folders").`,
          })),
          ...typesFrom.map((part) => ({
            regex: `^(\\.\\./)+${part}/`,
            allowTypeImports: true,
            message: `${folder}/ may import only types from ${part}/ (docs/DESIGN.md, "Folders").`,
          })),
          ...packages.map((name) => ({
            group: [name],
            message: `${folder}/ must do without ${name} (docs/DESIGN.md, section 8).`,
          })),
        ],
      },
    ],
  },
}));

/** JavaScript has no types to check. */
const untyped = Object.fromEntries(
  ['argument', 'assignment', 'call', 'member-access', 'return'].map((what) => [`typescript/no-unsafe-${what}`, 'off']),
);

/** What may not be written, by a selector of ESTree. See lint/forbidden-syntax.js. */
const forbidden = (selectors, message) => ({ selectors, message });

const loops = ':matches(ForStatement, ForOfStatement, ForInStatement, WhileStatement, DoWhileStatement)';

export default defineConfig({
  plugins: ['typescript'],
  jsPlugins: ['./lint/forbidden-syntax.js'],
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  categories: { correctness: 'error' },
  ignorePatterns: ['cli/api-types.ts', 'test/cli/mistakes', '.kait', 'coverage', 'dist'],
  rules: {
    ...Object.fromEntries(stricter.map((name) => [name, 'error'])),
    'no-restricted-properties': [
      'error',
      { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' },
    ],
    'typescript/require-array-sort-compare': 'off',
    'typescript/ban-ts-comment': ['error', { minimumDescriptionLength: 10 }],
    'typescript/consistent-type-definitions': ['error', 'interface'],
    'typescript/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    'typescript/restrict-plus-operands': [
      'error',
      { allowAny: false, allowBoolean: false, allowNullish: false, allowNumberAndString: false, allowRegExp: false },
    ],
    'typescript/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
  },
  overrides: [
    {
      // Replayed forever: the clock and randomness come from the host, and Temporal's sandbox makes them deterministic there.
      files: ['workflows/**/*.ts', 'language/**/*.ts'],
      rules: {
        'no-restricted-globals': [
          'error',
          ...['process', 'Buffer', 'setTimeout', 'setInterval', 'fetch', 'crypto', 'performance'].map((name) => ({
            name,
            message: 'Not deterministic, or not there in the workflow sandbox.',
          })),
        ],
        'kait/forbidden-syntax': [
          'error',
          forbidden(
            [
              "MemberExpression[object.name='Math'][property.name='random']",
              "MemberExpression[object.name='Date'][property.name='now']",
              "NewExpression[callee.name='Date'][arguments.length=0]",
            ],
            'Not deterministic.',
          ),
        ],
      },
    },
    {
      files: ['workflows/temporal-effects.ts'],
      rules: { 'no-restricted-globals': 'off', 'kait/forbidden-syntax': 'off' },
    },
    ...boundaryRules,
    {
      // It runs in a browser, and shows what anybody may have sent.
      files: ['console/**/*.{ts,tsx}'],
      rules: {
        'no-restricted-globals': [
          'error',
          ...['process', 'Buffer', 'global'].map((name) => ({ name, message: 'There is no Node in a browser.' })),
        ],
        'no-restricted-properties': [
          'error',
          ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'write'].map((property) => ({
            property,
            message: 'What is shown is text, never HTML.',
          })),
        ],
        'kait/forbidden-syntax': [
          'error',
          forbidden(['JSXAttribute[name.name=dangerouslySetInnerHTML]'], 'What is shown is text, never HTML.'),
          forbidden(
            ['JSXAttribute[name.name=style]'],
            'The policy of the page forbids style attributes. Use a class, or attributes of SVG.',
          ),
        ],
      },
    },
    { files: ['**/*.js'], rules: untyped },
    { files: ['config.ts', 'test/**/*.ts', 'bench/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
    {
      files: ['test/**/*.ts', 'bench/**/*.ts'],
      rules: {
        'typescript/no-non-null-assertion': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-member-access': 'off',
      },
    },
    {
      // A loop around `expect` hides which case failed and passes when there is none; a condition may skip the expectation.
      files: ['**/*.test.ts'],
      rules: {
        'kait/forbidden-syntax': [
          'error',
          forbidden(
            [loops, ':matches(IfStatement, SwitchStatement)', "CallExpression[callee.property.name='forEach']"].map(
              (around) => `${around} CallExpression[callee.name='expect']`,
            ),
            'Use it.each, or one expectation over a list, instead of a loop or a condition around expect.',
          ),
        ],
      },
    },
  ],
});
