import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { type ApiAccess, apiClient, ApiRefusal, answerOf } from '../../cli/api-client.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { runIdOf } from './expected-runs.ts';
import type { ArrivedEffect, SentEvent, SentCommand, StepWay } from './facts.ts';

export interface SteeringDeps {
  admin: ApiAccess;
  sent: SentEvent[];
  arrived: ArrivedEffect[];
  /** What the receiver mends from now on. */
  mended: Set<string>;
  /** Of the receiver. */
  effectUrl: string;
  /** Whether every server from now on serves the changed definitions. */
  servesChanged: () => boolean;
  now: () => number;
}

export interface Steering {
  commands: SentCommand[];
  /** Sends each run the next command that it needs. */
  lookOnce(workflow: Client['workflow']): Promise<void>;
}

/** Runs that are steered at once. */
const atOnce = 20;
/** What the operator gives instead of the step's own work. */
export const given = { retry: 'as defined', skip: 'nothing', setResult: 'given', editInput: 'edited' } as const;

const ways: StepWay[] = ['retry', 'skip', 'setResult', 'editInput'];
const numberOf = (reference: string) => Number(/\d+$/.exec(reference)?.[0]);

/** What the operator does about a parked step. */
export function wayOf(reference: string): StepWay {
  return ways[numberOf(reference) % ways.length] ?? 'retry';
}

/** The run that goes on from the failed one of a `rescued` event. */
export const retryOf = (workflowId: string) => `${workflowId}/kait:retry-1`;

/**
 * Pauses each run of `mend-stock` once it is refused, deals with its parked step, and resumes it, half of them through the API and half by
 * updates of Temporal. Retries each failed run of `rescue-order`, twice at once. Has each run of `move-stock` take the changed definition, twice at
 * once and then once more, before it sends the event for which that waits. A command without an answer is sent again, unless the run shows that it
 * was carried out.
 */
export function createSteering(deps: SteeringDeps): Steering {
  const { sent, arrived, mended, now } = deps;
  const api = apiClient(deps.admin, { timeoutMs: 5_000 });
  const commands = new Map<string, SentCommand>();
  const over = new Set<string>();

  async function lookOnce(workflow: Client['workflow']): Promise<void> {
    const begun = new Set(arrived.flatMap((each) => (hasBegun(each) ? [each.reference] : [])));
    const isDue = (event: SentEvent) => isSteered(event) || (event.kind === 'moves' && deps.servesChanged());
    const due = sent.filter((event) => isDue(event) && begun.has(event.reference) && !over.has(event.id));
    await Promise.allSettled(due.slice(0, atOnce).map((event) => steer(event, workflow)));
  }

  async function steer(event: SentEvent, workflow: Client['workflow']): Promise<void> {
    const how = { mends: mend, rescued: rescue, moves: move }[event.kind as string];
    if (how !== undefined && (await how(event, workflow))) over.add(event.id);
  }

  /** Resolves to whether the run needs nothing more. */
  async function mend(event: SentEvent, workflow: Client['workflow']): Promise<boolean> {
    const run = workflow.getHandle(runIdOf(event));
    const way = wayOf(event.reference);
    const pause = commandOf(run.workflowId, 'pause');
    if (!pause.isDone && !(await send(pause, event, workflow))) return false;
    const step = commandOf(run.workflowId, way);
    if (!step.isDone) {
      const steps = await run.query<{ id: string; status: string }[]>('progress');
      const { status = 'pending' } = steps.find(({ id }) => id === 'mend') ?? {};
      if (status === 'running') return false;
      if (way === 'retry') mended.add(event.reference);
      // It is not parked any more if an earlier command was carried out whose answer was lost.
      if (status !== 'parked') step.isDone = true;
      else if (!(await send(step, event, workflow))) return false;
    }
    const resume = commandOf(run.workflowId, 'resume');
    return resume.isDone || send(resume, event, workflow);
  }

  async function rescue(event: SentEvent, workflow: Client['workflow']): Promise<boolean> {
    const workflowId = runIdOf(event);
    if ((await workflow.getHandle(workflowId).describe()).status.name !== 'FAILED') return false;
    mended.add(event.reference);
    const command = commandOf(retryOf(workflowId), 'retry-run');
    const body = { reason: 'mended', by: 'the crash test' };
    const ask = async () => {
      command.firstSentMs ??= now();
      const answer = await answerOf(api.POST('/runs/{run}/retry', { params: { path: { run: workflowId } }, body }));
      if (answer.refused === null) accepted(command);
      return answer.refused === null || ['being-retried', 'running', 'completed'].includes(answer.refused);
    };
    const outcomes = await Promise.allSettled([ask(), ask()]);
    return outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value);
  }

  async function move({ id, kind, reference }: SentEvent, workflow: Client['workflow']): Promise<boolean> {
    const workflowId = runIdOf({ id, kind });
    if (arrived.some((each) => each.reference === reference && isNote(each, 'went on with the new definition')))
      return true;
    const command = commandOf(workflowId, 'migrate');
    const body = { reason: 'moved', by: 'the crash test' };
    const ask = async () => {
      command.firstSentMs ??= now();
      const answer = await answerOf(api.POST('/runs/{run}/migrate', { params: { path: { run: workflowId } }, body }));
      if (answer.refused === null) accepted(command);
      if (answer.refused === 'same') command.isDone = true;
    };
    const isFirst = !command.isDone;
    await Promise.allSettled(isFirst ? [ask(), ask()] : [ask()]);
    if (isFirst) return false;
    const event = sampleEvent({ id: `moved-${reference}`, source: 'shop', type: 'payment.refunded' });
    await workflow.getHandle(workflowId).signal('event', event);
    return false;
  }

  /** Resolves to whether the command was carried out, now or before. */
  async function send(command: SentCommand, event: SentEvent, workflow: Client['workflow']): Promise<boolean> {
    command.firstSentMs ??= now();
    try {
      await (numberOf(event.reference) % 8 < 4 ? byApi(command, event) : byUpdate(command, event, workflow));
      accepted(command);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== 'already-paused' && refusal !== 'not-paused' && refusal !== 'gone') throw error;
      command.isDone = true;
    }
    return true;
  }

  async function byApi({ verb, workflowId: run }: SentCommand, { reference }: SentEvent): Promise<void> {
    const why = { reason: `mend ${reference}`, by: 'the crash test' };
    const path = { run, step: 'mend' };
    if (verb === 'pause') await answerOf(api.POST('/runs/{run}/pause', { params: { path }, body: why }));
    if (verb === 'resume') await answerOf(api.POST('/runs/{run}/resume', { params: { path }, body: why }));
    const params = { params: { path } };
    if (verb === 'retry') await answerOf(api.POST('/runs/{run}/steps/{step}/retry', { ...params, body: why }));
    if (verb === 'skip') await answerOf(api.POST('/runs/{run}/steps/{step}/skip', { ...params, body: why }));
    if (verb === 'setResult') {
      const body = { ...why, result: resultGiven };
      await answerOf(api.POST('/runs/{run}/steps/{step}/set-result', { ...params, body }));
    }
    if (verb === 'editInput') {
      const body = { ...why, input: inputOf(reference) };
      await answerOf(api.POST('/runs/{run}/steps/{step}/edit-input', { ...params, body }));
    }
  }

  async function byUpdate(
    { verb, workflowId }: SentCommand,
    { reference }: SentEvent,
    workflow: Client['workflow'],
  ): Promise<void> {
    const message = {
      ...(verb !== 'pause' && verb !== 'resume' && { step: 'mend' }),
      ...(verb === 'setResult' && { result: resultGiven }),
      ...(verb === 'editInput' && { input: inputOf(reference) }),
      ...{ reason: `mend ${reference}`, by: 'the crash test' },
    };
    await workflow.getHandle(workflowId).executeUpdate<null, [object]>(verb, { args: [message] });
  }

  const inputOf = (reference: string) => ({
    url: `${deps.effectUrl}/mend`,
    body: { reference, how: given.editInput },
  });

  function commandOf(workflowId: string, verb: SentCommand['verb']): SentCommand {
    const key = `${workflowId} ${verb}`;
    const known = commands.get(key) ?? {
      workflowId,
      verb,
      accepted: 0,
      isDone: false,
      firstSentMs: null,
      acceptedMs: null,
    };
    commands.set(key, known);
    return known;
  }

  function accepted(command: SentCommand): void {
    command.accepted += 1;
    command.acceptedMs ??= now();
    command.isDone = true;
  }

  return {
    get commands() {
      return [...commands.values()];
    },
    lookOnce,
  };
}

const resultGiven = { status: 200, headers: {}, body: { how: given.setResult } };

const isNote = (effect: ArrivedEffect, what: string) => effect.kind === 'note' && effect.what === what;
const hasBegun = (effect: ArrivedEffect) => effect.kind === 'mend' || isNote(effect, 'is to be moved');
const isSteered = ({ kind }: SentEvent) => kind === 'mends' || kind === 'rescued';

/** Why the run did not carry out a command; undefined: nobody knows whether it did. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof ApiRefusal) return error.problem;
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  const { details = [] } = (error.cause ?? {}) as { details?: { refusal?: string }[] }; // As a run refuses.
  return details[0]?.refusal;
}
