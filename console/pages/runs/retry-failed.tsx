import { api, answerOf } from '../../app/api.ts';
import { useLoad } from '../../app/use-load.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';

interface Which {
  definition: string | undefined;
  /** RFC 3339: when the runs failed at the earliest. Without it, all count. */
  since: string | undefined;
}

const longAgo = '2000-01-01T00:00:00.000Z';

/** The most that the API looks at in one request. */
const atOnce = 200;

/** Has all runs that have failed go on. Says before how many that are, and which cannot. */
export function RetryFailed({ reload, ...which }: Which & { reload: () => Promise<void> }) {
  const { commands } = useWords().runs;
  return (
    <CommandButton
      label={commands.retryFailed}
      icon="retry"
      kind="primary"
      what={commands.retryFailedWhat}
      done={commands.retryFailedNone}
      act={async (reason) => {
        const { count, refusals } = await retryAll(which, reason);
        await reload();
        return commands.retryFailedDone(count, refusals.length);
      }}
    >
      <Preview {...which} />
    </CommandButton>
  );
}

function Preview(which: Which) {
  const { commands } = useWords().runs;
  const looked = useLoad('preview', async () => {
    const body = { ...bodyOf(which, 'preview'), dryRun: true };
    return answerOf(api.POST('/retries', { body }));
  });
  return (
    <Load of={looked}>
      {({ items, next }) => {
        const refusals = refusalsIn(items);
        return (
          <Note
            tone={refusals.length > 0 ? 'warn' : 'info'}
            title={commands.retryFailedCount(items.length - refusals.length)}
          >
            {next !== null && <p>{commands.retryFailedMore}</p>}
            {refusals.slice(0, 5).map((why) => (
              <p key={why} class="small break">
                {why}
              </p>
            ))}
          </Note>
        );
      }}
    </Load>
  );
}

function bodyOf({ definition, since = longAgo }: Which, reason: string) {
  const how = { reason, since, current: false, limit: atOnce, via: 'api' as const };
  return definition === undefined ? how : { ...how, definition };
}

async function retryAll(which: Which, reason: string): Promise<{ count: number; refusals: string[] }> {
  const refusals: string[] = [];
  let count = 0;
  let cursor: string | null = null;
  do {
    const body = { ...bodyOf(which, reason), dryRun: false, ...(cursor !== null && { cursor }) };
    const page: { items: Retried[]; next: string | null } = await answerOf(api.POST('/retries', { body }));
    const refused = refusalsIn(page.items);
    refusals.push(...refused);
    count += page.items.length - refused.length;
    cursor = page.next;
  } while (cursor !== null);
  return { count, refusals };
}

interface Retried {
  refused: string | null;
  detail: string | null;
  of: string;
}

function refusalsIn(items: readonly Retried[]): string[] {
  return items
    .filter(({ refused }) => refused !== null)
    .map(({ of, refused, detail }) => `${of}: ${detail ?? refused}`);
}
