import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A part of the benchmark in its own process, so that the measured code shares no event loop with the measuring code. */
export interface ChildProgram<Ready, Question, Answer> {
  pid: number;
  /** What the program reported when it was ready. */
  ready: Ready;
  /** Takes one question at a time. Rejects with the program's reason, or if the program ends before it has answered. */
  ask(question: Question): Promise<Answer>;
  /** Resolves when the process has ended. It gets 20 s to end by itself. */
  stop(): Promise<void>;
}

interface Reply {
  value?: unknown;
  error?: string;
}

const stopLimitMs = 20_000;

/**
 * Starts `module`, a file that calls {@link runChildProgram}, and appends its output to `outputFile`. The child leads its own
 * process group, so that Ctrl-C reaches only the parent. It ends when the parent does, however the parent ends.
 */
export async function startChildProgram<Ready, Question = never, Answer = never>(options: {
  module: URL;
  settings: unknown;
  environment?: NodeJS.ProcessEnv;
  outputFile: string;
}): Promise<ChildProgram<Ready, Question, Answer>> {
  const output = openSync(options.outputFile, 'a');
  const child = fork(fileURLToPath(options.module), [JSON.stringify(options.settings)], {
    execArgv: ['--import', 'tsx', ...profileArguments()],
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', output, output, 'ipc'],
    detached: true,
  });
  closeSync(output);
  const exited = once(child, 'exit');
  const reply = async (): Promise<unknown> => {
    const ended = exited.then(() => ({ error: `the program has ended; see ${options.outputFile}` }));
    // `runChildProgram` sends nothing else.
    const received = once(child, 'message').then(([message]) => message as Reply);
    const { value, error } = await Promise.race<Reply>([received, ended]);
    if (error !== undefined) throw new Error(`${fileURLToPath(options.module)}: ${error}`);
    return value;
  };
  const ready = (await reply()) as Ready;
  return {
    pid: child.pid!,
    ready,
    async ask(question) {
      child.send({ question });
      return (await reply()) as Answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      const insist = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await exited;
      clearTimeout(insist);
    },
  };
}

/** With `KAIT_BENCH_PROFILE=<folder>` every program leaves a `.cpuprofile` there. */
export function profileArguments(): string[] {
  const folder = process.env.KAIT_BENCH_PROFILE;
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

/**
 * The child's side. `start` gets the settings and returns what is ready, how to answer, and how to stop. The program stops when
 * its parent disconnects. The parent's types say what settings and questions are; `never` accepts them all.
 */
export async function runChildProgram(
  start: (settings: never) => Promise<{
    ready: unknown;
    answer?: (question: never) => Promise<unknown>;
    stop: () => Promise<unknown>;
  }>,
): Promise<void> {
  const reply = (message: Reply) => process.send?.(message);
  try {
    const program = await start(JSON.parse(process.argv[2] ?? 'null') as never);
    process.on('message', ({ question }: { question: never }) => {
      program.answer?.(question).then(
        (value) => reply({ value }),
        (error: unknown) => {
          console.error(error);
          reply({ error: String(error) });
        },
      );
    });
    process.once('disconnect', () => {
      void program.stop().finally(() => process.exit());
    });
    reply({ value: program.ready });
  } catch (error) {
    console.error(error);
    // Anything already open would keep the process alive.
    process.send?.({ error: String(error) } satisfies Reply, () => process.exit(1));
  }
}
