import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const examples = join(import.meta.dirname, '..', '..', 'examples', 'python-activity');

/** Made once on a machine, since it takes a minute. */
const folder = join(tmpdir(), 'kait-test-python-temporalio-1.35.0');
const python = join(folder, 'bin', 'python');

/** Installs the example's requirements into an environment of its own. Returns why that cannot be done; null: it is done. */
export async function preparePython(): Promise<string | null> {
  try {
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '-r', join(examples, 'requirements.txt')]);
    await access(python);
    return null;
  } catch (error) {
    const [line = 'no reason'] = String(error instanceof Error ? error.message : error).split('\n');
    return `needs Python with venv and pip, and a package index: ${line}`;
  }
}

export interface PythonWorker {
  process: ChildProcess;
  /** Resolves once it has written the text. */
  until(text: string): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a worker that asks for work at once. */
export async function startPythonWorker(script: string, environment: Record<string, string>): Promise<PythonWorker> {
  const child = spawn(python, [script], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const worker: PythonWorker = {
    process: child,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!output.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`The worker ended without writing "${text}": ${output}`)));
      }),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
  await worker.until('worker is up');
  return worker;
}

/** The worker of the example. */
export const exampleWorker = join(examples, 'worker.py');
export const oddWorker = join(import.meta.dirname, 'odd_worker.py');
export const exampleActivity = join(examples, 'activities', 'points.add.json');
