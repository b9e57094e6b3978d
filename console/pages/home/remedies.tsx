import type { IconName } from '../../parts/icon.tsx';
import { api, answerOf } from '../../app/api.ts';
import { given } from '../../app/given.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { useWords, type Words } from '../../words/words.ts';
import { retryFailedRuns } from '../runs/retry-failed-runs.ts';
import type { Remedy } from './needs.ts';

/** What a remedy has come to. */
interface Outcome {
  done: number;
  refused: number;
}

/** So many are helped at once. Pressed again, the button helps the next. */
const mostAtOnce = 1_000;
const pageSize = 100;
/** What the server says of runs is up to two seconds old. */
const sharedForMs = 2_500;
const failedDays = 7;
const dayMs = 86_400_000;

/** The button that helps with everything of one kind that needs somebody. */
export function RemedyButton({ remedy, reload }: { remedy: Remedy; reload: () => Promise<void> }) {
  const words = useWords();
  const { home } = words;
  const { label, what, icon, asksReason, act } = remedies(remedy, words);
  return (
    <CommandButton
      label={label}
      icon={icon}
      asksReason={asksReason}
      what={what}
      done={home.helped(0)}
      act={async (reason) => {
        const { done, refused } = await act(reason);
        await reload();
        setTimeout(() => void reload(), sharedForMs);
        if (done === 0 && refused > 0) throw new Error(home.notHelped(refused));
        return refused === 0 ? home.helped(done) : home.helpedSome(done, refused);
      }}
    />
  );
}

interface Shown {
  label: string;
  what: string;
  icon: IconName;
  asksReason: boolean;
  act: (reason: string) => Promise<Outcome>;
}

function remedies(remedy: Remedy, { home, endpoints }: Words): Shown {
  switch (remedy.kind) {
    case 'retry-parked':
      return { ...home.remedies.retryParked, icon: 'retry', asksReason: true, act: retryParked };
    case 'retry-failed':
      return { ...home.remedies.retryFailed, icon: 'retry', asksReason: true, act: retryFailed };
    case 'offer-again':
      return { ...home.remedies.offerAgain, icon: 'retry', asksReason: false, act: offerAgain };
    case 'send-again': {
      const act = (reason: string) => sendAgain(remedy, reason);
      return { ...home.remedies.sendAgain, icon: 'retry', asksReason: true, act };
    }
    case 'resume-endpoint': {
      const act = () => resumeEndpoint(remedy.id);
      return { label: endpoints.resume, what: endpoints.resumeWhat, icon: 'play', asksReason: false, act };
    }
  }
}

/** Tries the steps again at which runs are parked. */
async function retryParked(reason: string): Promise<Outcome> {
  const list = (cursor: string | undefined) => {
    const query = given({ state: 'parked' as const, limit: pageSize, cursor });
    return answerOf(api.GET('/runs', { params: { query } }));
  };
  return oneByOne(await readAll(list), async ({ workflowId }) => {
    const params = { path: { run: workflowId } };
    const body = { reason, via: 'api' as const, current: false, dryRun: false, all: true };
    return (await answerOf(api.POST('/runs/{run}/retry', { params, body }))).refused === null;
  });
}

async function retryFailed(reason: string): Promise<Outcome> {
  const since = new Date(Date.now() - failedDays * dayMs).toISOString();
  const { count, refusals } = await retryFailedRuns({ definition: undefined, since }, reason);
  return { done: count, refused: refusals.length };
}

async function offerAgain(): Promise<Outcome> {
  const list = (cursor: string | undefined) => {
    const query = given({ state: 'failed' as const, limit: pageSize, cursor });
    return answerOf(api.GET('/events', { params: { query } }));
  };
  return oneByOne(await readAll(list), async ({ source, eventId }) => {
    const params = { path: { source, event: eventId } };
    return (await answerOf(api.POST('/events/{source}/{event}/replay', { params }))).replayed;
  });
}

/** Those that were emitted since the oldest of them, which is all. */
async function sendAgain({ state, since }: Extract<Remedy, { kind: 'send-again' }>, reason: string): Promise<Outcome> {
  const began = since ?? new Date(Date.now() - 365 * dayMs).toISOString();
  const body = { reason, states: [state], since: began, missing: false, dryRun: false };
  const { total } = await answerOf(api.POST('/replays', { body }));
  return { done: total, refused: 0 };
}

async function resumeEndpoint(id: string): Promise<Outcome> {
  await answerOf(api.POST('/endpoints/{endpoint}/resume', { params: { path: { endpoint: id } }, body: {} }));
  return { done: 1, refused: 0 };
}

/** Reads a list to its end, or as far as is helped at once, before anything of it changes. */
async function readAll<Item>(
  list: (cursor: string | undefined) => Promise<{ items: Item[]; next: string | null }>,
): Promise<Item[]> {
  const found: Item[] = [];
  let next: string | null = null;
  do {
    const page = await list(next ?? undefined);
    found.push(...page.items);
    next = page.next;
  } while (next !== null && found.length < mostAtOnce);
  return found;
}

/** One after the other, so that Temporal is not flooded. `help` says whether it helped. */
async function oneByOne<Item>(items: readonly Item[], help: (item: Item) => Promise<boolean>): Promise<Outcome> {
  let done = 0;
  for (const item of items) if (await help(item)) done += 1;
  return { done, refused: items.length - done };
}
