import { expect, it } from 'vitest';
import { startDatabaseThread } from '../../../storage/pglite/database-thread.ts';

/** A thread's program that runs `onMessage` for each `request`. */
function programOf(onMessage: string): URL {
  const code = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (request) => { ${onMessage} });`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

const query = { kind: 'query', sql: 'select 1', values: [], transaction: null, urgent: false } as const;
const stopped = (reason: string) => ({
  ...{ name: 'KaitError', code: 'KAIT_DATABASE_STOPPED' },
  message: `The embedded database has stopped: ${reason}. Every acknowledged webhook is stored. Start Kait again. If this happens more than once, see "The embedded server and power loss" in docs/OPERATIONS.md.`,
});

it.each([
  ['ends', `process.exit(3)`, 'its thread ended with code 3'],
  ['throws', `throw new Error('out of its depth')`, 'out of its depth'],
  ['rejects unseen', `void Promise.reject(new Error('nobody looked'))`, 'nobody looked'],
])('rejects all that waits, and all that is asked later, when the thread %s', async (_how, code, reason) => {
  const { ask, close, failed } = startDatabaseThread(programOf(`if (request.id === 3) { ${code} }`));
  const replies = [1, 2, 3].map(() => ask(query).reply);
  expect(await Promise.allSettled(replies)).toMatchObject(
    replies.map(() => ({ status: 'rejected', reason: stopped(reason) })),
  );
  await expect(failed).rejects.toMatchObject(stopped(reason));
  await expect(ask(query).reply).rejects.toMatchObject(stopped(reason));
  await close();
});

it('rejects if the thread cannot be started', async () => {
  const { ask, failed } = startDatabaseThread('/there/is/no/such/program.js');
  const reason = "Cannot find module '/there/is/no/such/program.js'";
  await expect(ask(query).reply).rejects.toMatchObject(stopped(reason));
  await expect(failed).rejects.toMatchObject(stopped(reason));
});

it('rejects a close that the thread does not live to answer', async () => {
  const { ask, close } = startDatabaseThread(programOf(`if (request.kind === 'close') process.exit(1)`));
  const { reply } = ask(query);
  const closing = close();
  await expect(reply).rejects.toMatchObject(stopped('its thread ended with code 1'));
  await expect(closing).rejects.toMatchObject(stopped('its thread ended with code 1'));
});

it('sends no value that cannot be copied, and goes on', async () => {
  const echo = `parentPort.postMessage({ id: request.id, result: null }); if (request.kind === 'close') process.exit()`;
  const { ask, close } = startDatabaseThread(programOf(echo));
  await expect(ask({ ...query, values: [() => undefined] }).reply).rejects.toThrow('could not be cloned');
  expect(await ask(query).reply).toBeNull();
  await close();
  await expect(ask(query).reply).rejects.toThrow('PGlite is closed');
});
