import type { Step } from '../language/definition.ts';
import type { RunVerb } from '../language/commands.ts';
import { confirmStep } from '../language/confirm-step.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { NewDefinition } from '../language/migration.ts';
import { secretsIn } from '../language/secret-text.ts';

/*
 * What operators tell a run to do: see `docs/OPERATIONS.md`. A command about a step reaches it in its slot, which is open while the step can
 * obey: while it is parked, while its activity is under way or between two attempts, and while it waits.
 */

/** A command about a step. `step` is the step's key: its id, unless it is in a loop. */
export type StepCommand = { step: string } & (
  | { verb: 'retry' }
  | { verb: 'skip' }
  /** The result becomes the step's output, and the step counts as done. */
  | { verb: 'setResult'; result: Json }
  /** The step begins again with this input instead of its own, until it has ended. */
  | { verb: 'editInput'; input: JsonObject }
);

/** A command about the whole run. */
export interface RunCommand {
  verb: RunVerb;
}

/** Goes on with another version of the definition. */
export interface MigrateCommand {
  verb: 'migrate';
  /** The hash of the definition that the run has. */
  from: string;
  to: NewDefinition;
  /** Of the input that the run goes on with: see `migratedInput`. */
  seal: string;
}

/** Who commands, and why. */
export interface CommandSource {
  by?: string | null;
  reason?: string | null;
  /** Set by Kait's server: see `storage/command-seal.ts`. Without it, the command came by way of Temporal. */
  origin?: CommandOrigin;
}

export interface CommandOrigin {
  via: 'api' | 'cli';
  /** The client's address. */
  address: string | null;
  /** Proves that Kait's server wrote it. */
  seal: string;
}

/** Whether a command is about one step. */
export function isStepCommand<Command extends OperatorCommand>(command: Command): command is Command & StepCommand {
  return 'step' in command;
}

export type OperatorCommand = (StepCommand | RunCommand | MigrateCommand) & CommandSource;

/** A command with the id of the update that brought it. */
export type NumberedCommand = OperatorCommand & { id: string };

/** Why a command is not carried out. `definition`: the run cannot go on with it. */
export type CommandRefusal =
  'not-waiting' | 'not-possible' | 'already-paused' | 'not-paused' | 'already-migrated' | 'definition' | 'forged';

/** A command that is not carried out, and why, in a form that the sender's program can tell apart. */
export class CommandRefused extends Error {
  readonly refusal: CommandRefusal;
  constructor(refusal: CommandRefusal, message: string) {
    super(message);
    this.name = 'CommandRefused';
    this.refusal = refusal;
  }
}

/** Ends the work of a step, because an operator has told what is to become of it. Nothing catches it but `runStep`. */
export class Commanded extends Error {
  readonly command: StepCommand;
  constructor(command: StepCommand) {
    super(`An operator commands: ${command.verb}`);
    this.name = 'Commanded';
    this.command = command;
  }
}

/** `calling`: its activity is under way, or waits for its next attempt. `waiting`: it is a `wait` or a `waitFor`. */
export type CommandableState = 'parked' | 'calling' | 'waiting';

/** The steps that take commands, by their keys. */
export interface CommandSlots {
  /** Opens a step's slot. `arrived` is called when a command is there. */
  enter(key: string, state: CommandableState, arrived?: () => void): CommandSlot;
  /** Throws a {@link CommandRefused} if the step cannot take the command. */
  check(command: StepCommand): void;
  /** Keeps the step for this command: another one is refused meanwhile. Throws as `check` does. */
  reserve(command: StepCommand): Reservation;
  /** Closes the slot of a step that has ended, if it is open. One that has continued as new may end before it enters. */
  leave(key: string): void;
  /** Whether no step has been given a command that it has not obeyed yet. */
  areFree(): boolean;
  /** Does work of a command about the whole run after that of the ones before it, whatever came of those. */
  inTurn(work: () => Promise<void>): Promise<void>;
  /** The steps with an open slot. */
  open(): [key: string, state: CommandableState][];
}

export interface CommandSlot {
  command: () => StepCommand | undefined;
  /** Whether a command is being recorded, and comes in a moment if it is not refused. */
  isComing: () => boolean;
  close: () => void;
}

export interface Reservation {
  /** Hands the command to the step. Throws a {@link CommandRefused} if the step has ended or gone on meanwhile. */
  deliver(): void;
  /** Gives the step free for another command. */
  release(): void;
}

interface OpenSlot {
  state: CommandableState;
  taken: boolean;
  command?: StepCommand;
  arrived?: (() => void) | undefined;
}

/** A run that continues as new takes commands for the steps that wait before these have found where they were. */
export function createCommandSlots(carried: [key: string, state: CommandableState][] = []): CommandSlots {
  const slots = new Map(carried.map(([key, state]): [string, OpenSlot] => [key, { state, taken: false }]));

  let last = Promise.resolve();

  function check(command: StepCommand): OpenSlot {
    const { step, verb } = command;
    const slot = slots.get(step);
    if (slot === undefined || slot.taken) throw new CommandRefused('not-waiting', notCommandable(step, slots));
    if (slot.state === 'waiting' && (verb === 'retry' || verb === 'editInput')) {
      const message = `Step "${step}" waits, so there is nothing to try again. It takes "skip" and "setResult"`;
      throw new CommandRefused('not-possible', message);
    }
    return slot;
  }

  return {
    enter(key, state, arrived) {
      const slot = slots.get(key) ?? { state, taken: false };
      Object.assign(slot, { state, arrived });
      slots.set(key, slot);
      return {
        command: () => slot.command,
        isComing: () => slot.taken && slot.command === undefined,
        close: () => {
          if (slots.get(key) === slot) slots.delete(key);
        },
      };
    },
    check: (command) => void check(command),
    reserve(command) {
      const slot = check(command);
      slot.taken = true;
      return {
        deliver() {
          const { step } = command;
          if (slots.get(step) !== slot) {
            throw new CommandRefused(
              'not-waiting',
              `Step "${step}" went on by itself before the command could reach it`,
            );
          }
          slot.command = command;
          slot.arrived?.();
        },
        release: () => void (slot.taken = false),
      };
    },
    leave: (key) => void slots.delete(key),
    areFree: () => [...slots.values()].every(({ taken }) => !taken),
    inTurn(work) {
      last = last.then(work, work);
      return last;
    },
    open: () => [...slots].map(([key, { state }]) => [key, state]),
  };
}

const states: Readonly<Record<CommandableState, string>> = {
  parked: 'parked',
  calling: 'its activity is under way',
  waiting: 'waiting',
};

function notCommandable(step: string, slots: ReadonlyMap<string, OpenSlot>): string {
  const others = [...slots].filter(([, { taken }]) => !taken).map(([key, { state }]) => `${key} (${states[state]})`);
  const some = others.slice(0, 10).join(', ') + (others.length > 10 ? ', …' : '');
  const which = others.length === 0 ? 'No step does' : `These steps do: ${some}`;
  return `Step "${step}" takes no command now: it is neither parked, nor calling an activity, nor waiting, or was given one already. ${which}.`;
}

/**
 * Throws a {@link CommandRefused} if the step cannot be sent this input. What its activity makes of it is checked by the activity. An
 * edited input names no secret that the step of the definition does not name, so that nobody sends one elsewhere than its author meant;
 * `secrets.json` still says to which hosts each may go.
 */
export function checkEditedInput(command: StepCommand, step: Step | undefined): void {
  if (command.verb !== 'editInput') return;
  const refuse = (why: string) => {
    throw new CommandRefused('not-possible', `The input of step "${command.step}" cannot be edited: ${why}`);
  };
  if (step === undefined) return refuse('the definition has no such step');
  if (step.id === confirmStep.id) return refuse('it asks the gateway about the event of this run, and about no other');
  if (!('call' in step || 'http' in step || 'emit' in step)) return refuse('only calls of activities have one');
  if ('emit' in step && command.input.type !== step.emit) return refuse(`"type" must stay "${step.emit}"`);
  const own = new Set(secretsIn(step as unknown as Json).map(({ name }) => name)); // A step is JSON.
  const foreign = secretsIn(command.input).find(({ name }) => !own.has(name));
  if (foreign !== undefined) refuse(`the definition does not give it the secret ${foreign.name}`);
}
