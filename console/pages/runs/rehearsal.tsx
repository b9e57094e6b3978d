import type { ComponentChildren } from 'preact';
import type { components } from '../../../cli/api-types.ts';
import { api, answerOf } from '../../app/api.ts';
import { useLoad } from '../../app/use-load.ts';
import { Facts } from '../../parts/facts.tsx';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';
import type { FullRun } from './run-state.ts';

type Plan = NonNullable<components['schemas']['RetriedRun']['plan']>;

interface Outlook {
  /** Why it would be refused. Null: it would not. */
  refused: string | null;
  plan: Plan | null;
}

/** What would become of a run now, as a rehearsal tells: nothing is done. It is asked for anew when `undoFailed` changes. */
export function RetryRehearsal({ run, undoFailed }: { run: FullRun; undoFailed: '' | 'stands' | 'undone' }) {
  const { commands } = useWords().runs;
  const { workflowId } = run;
  const outlook = useLoad(`${workflowId} ${undoFailed}`, async (signal): Promise<Outlook> => {
    const given = undoFailed === '' ? {} : { undoFailed };
    const body = { reason: 'rehearsal', via: 'api' as const, current: false, dryRun: true, all: false, ...given };
    const params = { path: { run: workflowId } };
    const { refused, detail, plan } = await answerOf(api.POST('/runs/{run}/retry', { signal, params, body }));
    return { refused: refused === null ? null : (detail ?? refused), plan };
  });
  return (
    <Load of={outlook}>
      {({ refused, plan }) =>
        refused !== null ? (
          <Note tone="warn" title={commands.wouldBeRefused(refused)} />
        ) : (
          plan !== null && <PlanFacts plan={plan} />
        )
      }
    </Load>
  );
}

function PlanFacts({ plan }: { plan: Plan }) {
  const { plan: words } = useWords().runs.commands;
  const list = (keys: readonly string[]): ComponentChildren => keys.length > 0 && keys.join(', ');
  return (
    <Facts
      facts={[
        [words.stands, list(plan.stands)],
        [words.again, list(plan.again)],
        [words.from, list(plan.from)],
        [words.inDoubt, list(plan.inDoubt)],
        [words.undoFailed, list(plan.undoFailed)],
      ]}
    />
  );
}

/** Whether a run could take the current definition now. */
export function MigrationRehearsal({ run: { workflowId } }: { run: FullRun }) {
  const { commands } = useWords().runs;
  const outlook = useLoad(workflowId, async (signal) => {
    const body = { reason: 'rehearsal', via: 'api' as const, dryRun: true };
    const params = { path: { run: workflowId } };
    const { refused, detail } = await answerOf(api.POST('/runs/{run}/migrate', { signal, params, body }));
    return { refused: refused === null ? null : (detail ?? refused) };
  });
  return (
    <Load of={outlook}>
      {({ refused }) =>
        refused === null ? (
          <Note tone="ok" title={commands.canMigrate} />
        ) : (
          <Note tone="warn" title={commands.wouldBeRefused(refused)} />
        )
      }
    </Load>
  );
}
