import { isGrpcServiceError, type WorkflowClient, WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import { errorText } from '../../describe-error.ts';
import type { RunInput } from '../../language/definition.ts';
import type {
  ChildToRescue,
  EndedAnswer,
  EndedQuestion,
  Rescue,
  RescuePlan,
  UndoFailed,
} from '../../language/rescue.ts';
import { digestOf, type Installation, sealFits } from '../../storage/installation.ts';
import { withDeadline } from '../../storage/with-deadline.ts';

export interface ReadEndedDeps {
  client: WorkflowClient;
  installation: Installation;
}

/** How a run has ended, as Temporal says. `gone`: it does not know the run any more. */
export type RunState = 'running' | 'completed' | 'failed' | 'canceled' | 'terminated' | 'timed-out' | 'gone';

/** What a run needs in order to go on from one that has ended. */
export interface Ended {
  /** Without its seal. */
  input: RunInput;
  /** With those of its child runs. */
  rescue: Rescue;
  plan: RescuePlan;
  /** See `EndedAnswer`. */
  problem: string | null;
}

/** Why nothing can go on from a run. */
export interface NotReadable {
  refused: 'not-genuine' | 'too-large' | 'child-gone' | 'no-answer';
  detail: string;
}

/** A query waits for a worker, which replays the run. */
const deadlineMs = 10_000;
/** Child runs of child runs, and so on. */
const deepest = 10;

const states: Record<string, RunState> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'canceled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed-out',
};

/** Rejects if Temporal does not answer. */
export async function stateOf(client: WorkflowClient, workflowId: string): Promise<RunState> {
  try {
    const { status } = await withDeadline(client.getHandle(workflowId).describe(), deadlineMs, 'Temporal');
    return states[status.name] ?? 'running';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'gone';
    throw error;
  }
}

const undoEntry = z.looseObject({ key: z.string(), stepId: z.string(), inDoubt: z.boolean() });
const members = z.record(z.string(), z.json());
const texts = z.array(z.string());
/** As far as Kait itself reads it. The rest is the workflow's own. */
const answerSchema = z.object({
  left: z
    .object({
      input: z.looseObject({
        definition: z.looseObject({ name: z.string(), steps: z.array(z.json()) }),
        definitionHash: z.string(),
        event: z.looseObject({ source: z.string(), id: z.string() }),
      }),
      ended: z.object({
        state: z.looseObject({
          ...{ outputs: members, status: z.record(z.string(), z.string()), vars: members, cursors: members },
          ...{ items: members, undone: members, undo: z.array(undoEntry) },
        }),
        taken: texts,
      }),
    })
    .nullable(),
  children: z.array(z.object({ key: z.string(), workflowId: z.string(), undone: texts })),
  plan: z.looseObject({
    ...{ kind: z.enum(['resume', 'redo']), stands: texts, again: texts, from: texts },
    ...{ inDoubt: texts, undoFailed: texts },
  }),
  problem: z.string().nullable(),
});

/**
 * Asks a run that has ended, and its child runs, what another one would begin with. Only of runs whose input Kait has sealed: whoever
 * reaches Temporal can start others, and must not have Kait seal what these say.
 */
export async function readEnded(
  deps: ReadEndedDeps,
  workflowId: string,
  question: EndedQuestion,
): Promise<Ended | NotReadable> {
  const { undoFailed } = question;
  const root = await ask(deps, workflowId, question);
  if ('refused' in root) return root;
  const { left, children, plan, problem } = root;
  const { seal = '', ...input } = left.input as unknown as RunInput; // Whether it is, the seal says.
  const genuine = sealFits(deps.installation, { kind: 'workflow', id: workflowId, inputDigest: digestOf(input) }, seal);
  if (!genuine) return { refused: 'not-genuine', detail: `Kait did not start ${workflowId}` };
  const below = await readChildren(deps, { workflowId, children, undoFailed, depth: 1 });
  if ('refused' in below) return below;
  const keys = input.rescue?.keys ?? workflowId;
  const rest = { ...input };
  delete rest.rescue;
  delete rest.holdsTurn; // The next run takes a turn of its own.
  const rescue: Rescue = {
    keys,
    of: workflowId,
    ended: left.ended,
    undoFailed,
    ...(below.rescues && { children: below.rescues }),
  };
  return { input: rest, rescue, plan: withChildren(plan, below.plans), problem };
}

type Left = EndedAnswer & { left: NonNullable<EndedAnswer['left']> };

async function ask(deps: ReadEndedDeps, workflowId: string, question: EndedQuestion): Promise<Left | NotReadable> {
  let answer: unknown;
  try {
    const handle = deps.client.getHandle(workflowId);
    const query = () => withDeadline(handle.query<unknown, [EndedQuestion]>('ended', question), deadlineMs, 'A worker');
    answer = await query().catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) throw error;
      return query(); // A worker that stops may take the first one along.
    });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      return { refused: 'child-gone', detail: `Temporal does not know ${workflowId} any more` };
    }
    const reason = isGrpcServiceError(error) ? error.details || error.message : errorText(error);
    return { refused: 'no-answer', detail: `${workflowId} does not answer: ${reason}` };
  }
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return { refused: 'no-answer', detail: `${workflowId} gave an answer in a wrong form` };
  // As it was answered, since the order of the input's members is sealed.
  const { left, children, plan, problem } = answer as EndedAnswer;
  if (left === null) return { refused: 'too-large', detail: `${workflowId} knows too much to hand it on` };
  return { left, children, plan, problem };
}

interface Below {
  rescues?: Record<string, Rescue>;
  plans: { key: string; plan: RescuePlan }[];
}

async function readChildren(
  deps: ReadEndedDeps,
  parent: { workflowId: string; children: ChildToRescue[]; undoFailed: UndoFailed; depth: number },
): Promise<Below | NotReadable> {
  const { workflowId, children, undoFailed, depth } = parent;
  const below: Below = { plans: [] };
  for (const child of children) {
    if (depth > deepest) return { refused: 'too-large', detail: `${workflowId} has child runs nested too deeply` };
    const answer = await ask(deps, child.workflowId, { undoFailed });
    if ('refused' in answer) return answer;
    const own = await readChildren(deps, { ...child, children: answer.children, undoFailed, depth: depth + 1 });
    if ('refused' in own) return own;
    below.rescues ??= {};
    below.rescues[child.key] = {
      ...{ keys: '', of: child.workflowId, ended: answer.left.ended, undoFailed },
      ...{ undone: child.undone, ...(own.rescues && { children: own.rescues }) },
    };
    below.plans.push({ key: child.key, plan: withChildren(answer.plan, own.plans) });
  }
  return below;
}

/** The steps of child runs by their paths, in place of the steps that started these. */
function withChildren(plan: RescuePlan, children: Below['plans']): RescuePlan {
  const inside = (member: 'from' | 'inDoubt' | 'undoFailed') => [
    ...plan[member].filter((key) => !children.some((child) => child.key === key && child.plan[member].length > 0)),
    ...children.flatMap(({ key, plan: own }) => own[member].map((each) => `${key}/${each}`)),
  ];
  const again = [...plan.again, ...children.flatMap(({ key, plan: own }) => own.again.map((each) => `${key}/${each}`))];
  return {
    ...plan,
    ...{ from: inside('from'), inDoubt: inside('inDoubt'), undoFailed: inside('undoFailed') },
    again: [...new Set(again)].sort(),
    kind: again.length > 0 ? 'redo' : 'resume',
  };
}
