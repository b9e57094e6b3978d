import { api, answerOf } from '../../app/api.ts';

/** Which runs that have failed. */
export interface WhichFailed {
  /** Undefined: of all definitions. */
  definition: string | undefined;
  /** RFC 3339: when they failed at the earliest. Undefined: all count. */
  since: string | undefined;
}

/** What came of a retry of many runs, or would come of it. */
export interface RetriedRuns {
  /** The runs that go on. */
  count: number;
  /** Why others cannot, each with its run. */
  refusals: string[];
  /** Whether there are more than the API looks at in one request. */
  hasMore: boolean;
}

const longAgo = '2000-01-01T00:00:00.000Z';

/** The most that the API looks at in one request. */
const atOnce = 200;

/** Has all of them go on, request by request. */
export async function retryFailedRuns(which: WhichFailed, reason: string): Promise<RetriedRuns> {
  const all: RetriedRuns = { count: 0, refusals: [], hasMore: false };
  let cursor: string | null = null;
  do {
    const page: Page = await ask(which, { reason, dryRun: false, ...(cursor !== null && { cursor }) });
    const { count, refusals } = told(page);
    all.count += count;
    all.refusals.push(...refusals);
    cursor = page.next;
  } while (cursor !== null);
  return all;
}

/** What would come of the first request. Changes nothing. */
export async function previewRetry(which: WhichFailed): Promise<RetriedRuns> {
  return told(await ask(which, { reason: 'preview', dryRun: true }));
}

type Page = Awaited<ReturnType<typeof ask>>;

function ask(
  { definition, since = longAgo }: WhichFailed,
  asked: { reason: string; dryRun: boolean; cursor?: string },
) {
  const body = { ...asked, since, current: false, limit: atOnce, via: 'api' as const };
  return answerOf(api.POST('/retries', { body: definition === undefined ? body : { ...body, definition } }));
}

function told({ items, next }: Page): RetriedRuns {
  const refused = items.filter((item) => item.refused !== null);
  const refusals = refused.map(({ of, refused: why, detail }) => `${of}: ${detail ?? why}`);
  return { count: items.length - refused.length, refusals, hasMore: next !== null };
}
