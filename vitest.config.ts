import { defineConfig } from 'vitest/config';

/** What commands print is compared as text, and `CI` or `FORCE_COLOR` would colour it. */
const env = { NO_COLOR: '1' };

/** The default of one second is not enough on a busy machine. */
const poll = { timeout: 20_000 };

/** For the projects that start real servers. Several of their tests start `kait` more than once, which takes up to 20 s each on a busy machine. */
const servers = {
  env,
  globalSetup: ['test/services/global-setup.ts'],
  testTimeout: 180_000,
  hookTimeout: 180_000,
  // A query of a run that is not cached can cost its next task, so they are asked less often than by default.
  expect: { poll: { ...poll, interval: 250 } },
};

/** Histories of megabytes, which are read again in time only if nothing else keeps the worker busy. */
const alone = ['test/workflows/continue-as-new.integration.test.ts'];

/** `unit` needs no server and no port; `integration` starts real ones: Temporal, PostgreSQL, SMTP, HTTP. `chaos` kills them, after the others.
 * `console` drives a browser against one `kait up`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.integration.test.ts', 'test/console/**/*.browser.test.ts'],
          // Property tests take seconds. On a busy machine the default of five is not enough.
          testTimeout: 30_000,
          expect: { poll },
          // They share nothing that could leak; a fresh process for each file takes twice as long as the tests.
          pool: 'threads',
          isolate: false,
          // Vitest leaves one core to itself, which on two cores doubles the time.
          maxWorkers: '100%',
        },
      },
      {
        test: {
          ...servers,
          name: 'integration',
          include: ['test/**/*.integration.test.ts'],
          // A process of its own for each file takes a third more CPU, most of it to load the same modules.
          isolate: false,
          exclude: ['test/chaos/**', ...alone],
          // Each has servers or tables of its own on the shared ones. They wait for servers for much of their time.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...servers,
          name: 'chaos',
          include: ['test/chaos/**/*.integration.test.ts', ...alone],
          // They say what must not happen without a kill. A machine that is too busy to answer in time has the same effect as one.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          env,
          name: 'console',
          include: ['test/console/**/*.browser.test.ts'],
          globalSetup: ['test/console/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { ...poll, interval: 50 } },
          // In one browser. They look at the same Kait, and touch only what is theirs.
          maxWorkers: 3,
          isolate: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
