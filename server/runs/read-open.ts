import { isGrpcServiceError, type WorkflowClient } from '@temporalio/client';
import { z } from 'zod';
import { errorText } from '../../describe-error.ts';
import type { RunInput } from '../../language/definition.ts';
import type { NewDefinition, OpenAnswer, OpenQuestion } from '../../language/migration.ts';
import { digestOf, type Installation, sealFits } from '../../storage/installation.ts';
import { withDeadline } from '../../storage/with-deadline.ts';

export interface ReadOpenDeps {
  client: WorkflowClient;
  installation: Installation;
}

/** What a run under way is doing. */
export type OpenRun = Omit<OpenAnswer, 'input'> & {
  /** Without its seal. */
  input: RunInput;
};

/** Why nothing is known of it. */
export interface NotOpen {
  refused: 'not-genuine' | 'too-large' | 'no-answer';
  detail: string;
}

/** A query waits for a worker, which may have to replay the run. */
const deadlineMs = 10_000;

const texts = z.array(z.string());
/** As far as Kait itself reads it. */
const answerSchema = z.object({
  input: z.looseObject({ definition: z.looseObject({ name: z.string() }), definitionHash: z.string() }).nullable(),
  ...{ parked: texts, calling: texts, waiting: texts, asking: texts },
  ...{ isPaused: z.boolean(), isUndoing: z.boolean() },
  problem: z.object({ refusal: z.string(), message: z.string() }).nullable(),
});

/**
 * Asks a run under way what it is doing, and whether it could take a definition. Only of runs whose input Kait has sealed: whoever reaches
 * Temporal can start others, and must not have Kait seal what these say.
 */
export async function readOpen(
  { client, installation }: ReadOpenDeps,
  workflowId: string,
  to?: NewDefinition,
): Promise<OpenRun | NotOpen> {
  let answer: unknown;
  try {
    const handle = client.getHandle(workflowId);
    const args: [OpenQuestion?] = to === undefined ? [] : [{ to }];
    const query = () => withDeadline(handle.query<unknown, [OpenQuestion?]>('open', ...args), deadlineMs, 'A worker');
    answer = await query().catch(() => query()); // A worker that stops may take the first one along.
  } catch (error) {
    const reason = isGrpcServiceError(error) ? error.details || error.message : errorText(error);
    return { refused: 'no-answer', detail: `${workflowId} does not answer: ${reason}` };
  }
  if (!answerSchema.safeParse(answer).success) {
    return { refused: 'no-answer', detail: `${workflowId} gave an answer in a wrong form` };
  }
  const { input: whole, ...open } = answer as OpenAnswer; // Not the parsed one: the order of the input's members is sealed.
  if (whole === null) return { refused: 'too-large', detail: `${workflowId} has too large an input` };
  const { seal = '', ...input } = whole as unknown as RunInput; // Whether it is, the seal says.
  const sealed = { kind: 'workflow', id: workflowId, inputDigest: digestOf(input) } as const;
  if (!sealFits(installation, sealed, seal))
    return { refused: 'not-genuine', detail: `Kait did not start ${workflowId}` };
  return { ...open, input };
}

/** In words, for whoever wanted the run to do something else. */
export function doing({ parked, calling, waiting, asking, isPaused, isUndoing }: OpenRun): string {
  const parts: [string, string[]][] = [
    ['parked at', parked],
    ['at work on', calling],
    ['waiting for people at', asking],
    ['waiting at', waiting],
  ];
  const shown = parts.flatMap(([what, keys]) => {
    const some = keys.slice(0, 5).join(', ') + (keys.length > 5 ? ', …' : '');
    return keys.length === 0 ? [] : [`${what} ${some}`];
  });
  const whole = [...(isUndoing ? ['undoing what it did'] : []), ...(isPaused ? ['paused'] : []), ...shown];
  return whole.length === 0 ? 'at work' : whole.join(', ');
}
