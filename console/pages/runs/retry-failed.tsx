import { useLoad } from '../../app/use-load.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';
import { previewRetry, retryFailedRuns, type WhichFailed } from './retry-failed-runs.ts';

/** Has all runs that have failed go on. Says before how many that are, and which cannot. */
export function RetryFailed({ reload, ...which }: WhichFailed & { reload: () => Promise<void> }) {
  const { commands } = useWords().runs;
  return (
    <CommandButton
      label={commands.retryFailed}
      icon="retry"
      kind="primary"
      what={commands.retryFailedWhat}
      done={commands.retryFailedNone}
      reload={reload}
      act={async (reason) => {
        const { count, refusals } = await retryFailedRuns(which, reason);
        return commands.retryFailedDone(count, refusals.length);
      }}
    >
      <Preview {...which} />
    </CommandButton>
  );
}

function Preview(which: WhichFailed) {
  const { commands } = useWords().runs;
  const looked = useLoad('preview', () => previewRetry(which));
  return (
    <Load of={looked}>
      {({ count, refusals, hasMore }) => (
        <Note tone={refusals.length > 0 ? 'warn' : 'info'} title={commands.retryFailedCount(count)}>
          {hasMore && <p>{commands.retryFailedMore}</p>}
          {refusals.slice(0, 5).map((why) => (
            <p key={why} class="small break">
              {why}
            </p>
          ))}
        </Note>
      )}
    </Load>
  );
}
