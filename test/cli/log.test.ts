import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { safeLog } from '../../cli/log.ts';

const inProcess = (script: string) => [
  ...['--import', 'tsx', '--input-type=module', '-e'],
  `import { processLog } from './cli/log.ts'; const log = processLog('info'); ${script}`,
];

const messagesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { msg: string }).msg);

describe('the log of a process', () => {
  it.each([
    ['that runs to its end', '', 0],
    ['that exits', 'process.exit(3);', 3],
    ['that exits later', 'setTimeout(() => process.exit(3), 1);', 3],
    ['that an error ends', 'setImmediate(() => { throw new Error("broken"); });', 1],
    ['that a rejection ends', 'void Promise.reject(new Error("broken"));', 1],
    [
      'that an error ends while something runs',
      'setInterval(() => {}, 1000); setImmediate(() => { throw new Error("broken"); });',
      1,
    ],
  ])('%s has all lines', (_what, ending, code) => {
    const script = `for (let n = 0; n < 1000; n++) log.info('line ' + n); ${ending}`;
    const { status, stderr } = spawnSync(process.execPath, inProcess(script), { encoding: 'utf8' });

    expect(messagesOf(stderr)).toEqual(Array.from({ length: 1000 }, (_line, index) => `line ${index}`));
    expect(status).toBe(code);
  });

  it('shows what led to the error that ends the process above its reason', () => {
    const script = 'log.info("before"); setImmediate(() => { throw new Error("broken"); });';
    const { stderr } = spawnSync(process.execPath, inProcess(script), { encoding: 'utf8' });

    expect(stderr.indexOf('"before"')).toBeGreaterThan(-1);
    expect(stderr.indexOf('"before"')).toBeLessThan(stderr.indexOf('Error: broken'));
  });

  it.each(['log.error("now")', 'log.fatal("now")'])('has lines before the process goes on: %s', (line) => {
    const script = `log.info("before"); ${line}; process.kill(process.pid, 'SIGKILL');`;
    const { signal, stderr } = spawnSync(process.execPath, inProcess(script), { encoding: 'utf8' });

    expect(messagesOf(stderr)).toEqual(['before', 'now']);
    expect(signal).toBe('SIGKILL');
  });

  it('has a line soon, without another one and without an end', async () => {
    const child = spawn(process.execPath, inProcess('setInterval(() => {}, 1000); log.info("alone");'), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    try {
      const [text] = (await once(child.stderr, 'data')) as [Buffer];

      expect(messagesOf(text.toString())).toEqual(['alone']);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

it.each(['authorization', 'secret', 'password', 'body'])('leaves out the member %s of what is logged', (name) => {
  const lines: string[] = [];
  const log = safeLog('info', { write: (line: string) => void lines.push(line) });
  const request = { [name]: 'nobody-may-read', url: '/in/stripe' };
  log.info({ request }, 'received');

  expect(JSON.parse(lines.join(''))).toMatchObject({ request: { [name]: '[redacted]', url: '/in/stripe' } });
  expect(request[name]).toBe('nobody-may-read');
});
