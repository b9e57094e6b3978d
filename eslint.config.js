import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Folders whose code a part may not import (types are allowed where `typesFrom` names them). See docs/DESIGN.md, "Folders". */
const boundaries = {
  language: {
    never: [
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
    ],
  },
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
  authoring: {
    never: [
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
    ],
  },
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
    '@typescript-eslint/no-restricted-imports': [
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

export default defineConfig(
  globalIgnores(['cli/api-types.ts', 'test/cli/mistakes', 'node_modules', '.kait', 'coverage', 'dist']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './console/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' },
      ],
      eqeqeq: 'error',
    },
  },
  {
    // Replayed for ever: the clock and randomness come from the host, and Temporal's sandbox makes them deterministic there.
    files: ['workflows/**/*.ts', 'language/**/*.ts'],
    ignores: ['workflows/temporal-effects.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'Buffer', 'setTimeout', 'setInterval', 'fetch', 'crypto', 'performance'].map((name) => ({
          name,
          message: 'Not deterministic, or not there in the workflow sandbox.',
        })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Not deterministic.' },
        { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Not deterministic.' },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Not deterministic.' },
      ],
    },
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
      'no-restricted-syntax': [
        'error',
        {
          selector: 'JSXAttribute[name.name=dangerouslySetInnerHTML]',
          message: 'What is shown is text, never HTML.',
        },
        {
          selector: 'JSXAttribute[name.name=style]',
          message: 'The policy of the page forbids style attributes. Use a class, or attributes of SVG.',
        },
      ],
    },
  },
  { files: ['config.ts', 'test/**/*.ts', 'bench/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    // A loop around `expect` hides which case failed and passes when there is none; a condition may skip the expectation.
    files: ['**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          ':matches(ForStatement, ForOfStatement, ForInStatement, WhileStatement, DoWhileStatement)',
          ':matches(IfStatement, SwitchStatement)',
          "CallExpression[callee.property.name='forEach']",
        ].map((around) => ({
          selector: `${around} CallExpression[callee.name='expect']`,
          message: 'Use it.each, or one expectation over a list, instead of a loop or a condition around expect.',
        })),
      ],
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
