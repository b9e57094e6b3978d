import { startTemporalServer } from '../../embedded/temporal-server.ts';

/** A process of its own for the tests: starts Temporal, prints its pid, then stays, or fails where it is told to. */
const [cliPath = '', folder = '', ending] = process.argv.slice(2);
const server = await startTemporalServer({ cliPath, folder, report: () => undefined });
process.stdout.write(`${server.pid}\n`);
process.stdin.once('data', () => {
  if (ending === 'throw') throw new Error('uncaught, on purpose');
});
