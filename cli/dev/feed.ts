import pc from 'picocolors';
import { errorText } from '../../describe-error.ts';
import { printable, shortened } from '../../language/printable.ts';

/** An entry of the log, parsed. */
export type LogEntry = Record<string, unknown>;

export interface Feed {
  /** Prints what a developer wants to see of it. */
  take(entry: LogEntry): void;
  /** From now on, tells how runs end. `resultOf` resolves or rejects when the run has ended. */
  follow(resultOf: (workflowId: string) => Promise<unknown>): void;
}

const warnLevel = 40;
const errorLevel = 50;
const infoLevel = 30;
const longestFacts = 500;

/** Tells what happens, one line each, of what Kait logs. */
export function createFeed(deps: { print: (line: string) => void; now: () => Date }): Feed {
  const warned = new Set<string>();
  let resultOf: ((workflowId: string) => Promise<unknown>) | undefined;
  const line = (sign: string, text: string) => {
    const time = deps.now().toTimeString().slice(0, 8);
    deps.print(`${pc.dim(time)} ${sign} ${text}`);
  };

  /** Once: what is wrong is found again at each change. */
  const warn = (warning: string) => {
    if (warned.has(warning)) return;
    warned.add(warning);
    line(pc.yellow('!'), warning);
  };

  /** A run has ended when its result is known. */
  async function followRun(workflowId: string): Promise<void> {
    const name = nameOf(workflowId);
    try {
      await resultOf?.(workflowId);
      line(pc.green('✔'), `${pc.bold(name)} completed`);
    } catch (error) {
      line(pc.red('✘'), `${pc.bold(name)} ${reasonOf(error)}  ${pc.dim(printable(workflowId))}`);
    }
  }

  /** What an activity's own code has logged. Its words may be any. */
  function tellActivity({ activity, key, msg, level = 0, facts }: LogEntry): void {
    const sign = Number(level) >= errorLevel ? pc.red('✘') : Number(level) >= warnLevel ? pc.yellow('!') : '·';
    const told = facts === undefined ? '' : `  ${pc.dim(text(shortened(JSON.stringify(facts), longestFacts)))}`;
    const said = `${text(msg)}${told}  ${pc.dim(nameOf(String(key)))}`;
    line(sign, `${pc.cyan(text(activity))} ${Number(level) < infoLevel ? pc.dim(said) : said}`);
  }

  const tell: Record<string, (entry: LogEntry) => void> = {
    webhook({ source, type, event, outcome, ms, reason }) {
      const what = `${pc.cyan(text(source))} ${pc.bold(text(type))} ${text(event)}`;
      line('←', `${what}  ${text(outcome)} in ${text(ms)} ms${reason === undefined ? '' : `: ${text(reason)}`}`);
    },
    'webhook rejected': ({ source, reason, status, address }) => {
      line(pc.red('✘'), `${pc.cyan(text(source))} rejected ${text(reason)} (${text(status)}) from ${text(address)}`);
    },
    'event dispatched': ({ type, event, runs }) => {
      const started = Array.isArray(runs) ? runs.filter((each) => typeof each === 'string') : [];
      if (started.length === 0) line(pc.dim('·'), pc.dim(`no definition reacts to ${text(type)} ${text(event)}`));
      for (const workflowId of started) {
        line('▶', `${pc.bold(nameOf(workflowId))} started for ${text(event)}`);
        void followRun(workflowId);
      }
    },
    'delivery attempt': ({ type, host, status, state, reason, attempt }) => {
      const outcome = state === 'delivered' ? pc.green(text(status)) : pc.red(text(reason ?? status));
      line(
        '→',
        `${pc.bold(text(type))} to ${text(host)}  ${outcome}${attempt === 1 ? '' : ` (attempt ${text(attempt)})`}`,
      );
    },
  };

  return {
    take(entry) {
      const { msg, level } = entry;
      if (entry.from === 'activity') return tellActivity(entry);
      const known = typeof msg === 'string' && Object.hasOwn(tell, msg) ? tell[msg] : undefined;
      if (known !== undefined) known(entry);
      else if (typeof level === 'number' && level >= warnLevel) warn(warningOf(entry));
    },
    follow(ofRun) {
      resultOf = ofRun;
    },
  };
}

/** Of `<installation>/<definition>/<source>/<event>`. */
function nameOf(workflowId: string): string {
  return printable(workflowId.split('/')[1] ?? workflowId);
}

/** The innermost cause says why: the others say that a workflow or an activity failed. */
function reasonOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  return innermost === error ? `ended: ${errorText(error)}` : `failed: ${errorText(innermost)}`;
}

function warningOf({ msg, source, reason, problem, err }: LogEntry): string {
  const details = [
    source,
    reason,
    problem,
    typeof err === 'object' && err !== null && 'message' in err ? err.message : undefined,
  ];
  return [msg, ...details.filter((each) => each !== undefined)].map(text).join('  ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? printable(value) : String(value);
}
