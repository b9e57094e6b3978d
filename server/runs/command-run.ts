import { randomUUID } from 'node:crypto';
import { type WorkflowClient, WorkflowUpdateFailedError } from '@temporalio/client';
import { errorText } from '../../describe-error.ts';
import type { RunVerb, StepVerb } from '../../language/commands.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import type { NewDefinition } from '../../language/migration.ts';
import { commandSeal, valueDigest } from '../../storage/command-seal.ts';
import type { Installation } from '../../storage/installation.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { isGone } from './is-gone.ts';

export interface CommandRunDeps {
  installation: Installation;
  workflows: () => Pick<WorkflowClient, 'getHandle'>;
}

/** What an operator commands: see `docs/OPERATIONS.md`. */
export type GivenCommand =
  | { verb: RunVerb }
  | { verb: Extract<StepVerb, 'retry' | 'skip'>; step: string }
  | { verb: 'setResult'; step: string; result: Json }
  | { verb: 'editInput'; step: string; input: JsonObject }
  | ({ verb: 'migrate' } & SealedMigration);

/** Another version of a definition for a run. `from`: the hash of the one that it has. `seal`: of the input with which it goes on. */
export interface SealedMigration {
  from: string;
  to: NewDefinition;
  seal: string;
}

/** Who commands, why, and which way it came. */
export interface Commander {
  by: string;
  reason: string | null;
  via: 'api' | 'cli';
  /** Of the client. */
  address: string | null;
}

export type CommandOutcome =
  | { kind: 'done' }
  /** `gone`: the run has ended, or Temporal knows none. Otherwise the run's own refusal, or `invalid`. */
  | { kind: 'refused'; refusal: string; message: string }
  /** Nobody knows whether it was carried out. Send the same `id` again. */
  | { kind: 'unavailable'; reason: string };

export const goneOutcome: CommandOutcome = {
  kind: 'refused',
  refusal: 'gone',
  message: 'The run has ended, or Temporal knows none of this id',
};

/**
 * Kait enforces it itself: NativeConnection keeps retrying past any deadline. Longer than the 10 s after which Temporal offers a task again that a
 * worker took along.
 */
const deadlineMs = 20_000;

/**
 * Has a run carry out a command. The run checks it and writes it into the audit. The same `id` again does nothing a second time while the run
 * has not continued as new.
 */
export async function commandRun(
  { installation, workflows }: CommandRunDeps,
  workflowId: string,
  command: GivenCommand,
  { by, reason, via, address }: Commander,
  id: string = randomUUID(),
): Promise<CommandOutcome> {
  const { verb, ...rest } = command;
  const step = 'step' in command ? command.step : null;
  const value = givenBy(command);
  const digest = value === undefined ? null : valueDigest(value);
  const seal = commandSeal(installation, { workflowId, verb, step, id, digest, by, reason, via, address });
  const message = { ...rest, by, reason, origin: { via, address, seal } };
  try {
    const update = workflows()
      .getHandle(workflowId)
      .executeUpdate(verb, { args: [message], updateId: id });
    await withDeadline(update, deadlineMs, 'Temporal');
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return refused(error);
    return isGone(error) ? goneOutcome : { kind: 'unavailable', reason: errorText(error) };
  }
}

/** As `workflows/temporal-commands.ts` has it recorded. */
function givenBy(command: GivenCommand): Json | undefined {
  if (command.verb === 'setResult') return command.result;
  if (command.verb === 'editInput') return command.input;
  if (command.verb !== 'migrate') return undefined;
  const { from, to, seal } = command;
  return { from, to: to as unknown as Json, seal }; // JSON by its type.
}

function refused({ cause }: WorkflowUpdateFailedError): CommandOutcome {
  const { details = [], message = '' } = (cause ?? {}) as { details?: unknown[]; message?: string };
  const { refusal } = (details[0] ?? {}) as { refusal?: unknown };
  return { kind: 'refused', refusal: typeof refusal === 'string' ? refusal : 'invalid', message };
}
