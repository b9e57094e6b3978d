import { defineConfig } from 'vitest/config';

/** What commands print is compared as text, and `CI` or `FORCE_COLOR` would colour it. */
const env = { NO_COLOR: '1' };

/** The default of one second is not enough on a busy machine. */
const poll = { timeout: 20_000 };

/** `unit` needs no server and no port; `integration` starts real ones: Temporal, PostgreSQL, SMTP, HTTP. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.integration.test.ts'],
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
          name: 'integration',
          env,
          include: ['test/**/*.integration.test.ts'],
          globalSetup: ['test/services/global-setup.ts'],
          // Several start `kait` more than once, which takes up to 20 s each on a busy machine.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect: { poll },
          // Each has servers or tables of its own on the shared ones. They wait for servers for much of their time.
          maxWorkers: 2,
        },
      },
    ],
  },
});
