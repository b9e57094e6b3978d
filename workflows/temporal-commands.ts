import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { RunInput, UncheckedContext } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { commandBytes, type TaskRoom } from './admission.ts';
import type { CommandRefusal, NumberedCommand } from './commands.ts';
import type { Effects } from './effects.ts';
import { contextOf, patiently, type RunIdentity } from './temporal-children.ts';
import { locallyIn } from './temporal-waits.ts';

type CommandActivities = {
  'runs.command'(input: JsonObject, context: UncheckedContext): Promise<{ refusal: CommandRefusal | null }>;
  'runs.migrated'(input: JsonObject, context: UncheckedContext): Promise<null>;
} & Record<string, never>;

/**
 * Records operators' commands as an activity: see `activities/commands.ts`. It is tried until the database answers. Not a local one: what it
 * keeps would stay, even if the task was lost that began it, and the run would not know of the command.
 */
export function temporalCommands(
  input: Pick<RunInput, 'event'>,
  identity: RunIdentity,
  room: TaskRoom,
): Pick<Effects, 'recordCommand' | 'migrated'> {
  let recorded = 0;
  const locally = locallyIn(room);
  return {
    async recordCommand(command) {
      recorded += 1;
      const key = `kait:command-${recorded}`;
      await room.take(commandBytes);
      const summary = 'step' in command ? `${command.verb} ${command.step}`.slice(0, 120) : command.verb;
      const activities = proxyActivities<CommandActivities>({ activityId: key, summary, ...patiently });
      return (await activities['runs.command'](recordOf(command), contextOf({ key }, input, identity))).refusal;
    },
    async migrated(definitionHash) {
      const activities = proxyLocalActivities<CommandActivities>({
        summary: 'goes on with another definition',
        ...patiently,
      });
      const context = contextOf({ key: 'kait:migrated' }, input, identity);
      await locally(() => activities['runs.migrated']({ definitionHash }, context));
    },
  };
}

/** Results and inputs may be large and private, so the audit keeps only what tells whether one is the same. */
function recordOf(command: NumberedCommand): JsonObject {
  const { verb, id, by = null, reason = null, origin } = command;
  return {
    verb,
    id,
    step: 'step' in command ? command.step : null,
    digest: digestOf(command),
    ...(command.verb === 'migrate' && { definition: command.to.definitionHash }),
    by,
    reason,
    origin: origin === undefined ? null : { ...origin },
  };
}

function digestOf(command: NumberedCommand): string | null {
  const value = givenBy(command);
  return value === undefined ? null : bytesToHex(sha256(utf8ToBytes(JSON.stringify(value))));
}

/** As `server/runs/command-run.ts` seals it. */
function givenBy(command: NumberedCommand): Json | undefined {
  if (command.verb === 'setResult') return command.result;
  if (command.verb === 'editInput') return command.input;
  if (command.verb !== 'migrate') return undefined;
  const { from, to, seal } = command;
  return { from, to: to as unknown as Json, seal }; // JSON by its form.
}
