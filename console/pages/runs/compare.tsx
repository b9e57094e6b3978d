import { useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { may } from '../../app/session.ts';
import { useLoad } from '../../app/use-load.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Load } from '../../parts/load.tsx';
import { useWords } from '../../words/words.ts';
import type { Definition } from '../../../language/definition.ts';
import { type FullRun, isOpen } from './run-state.ts';

/** Whether the run has the definition that is served now, and if not, what is different. */
export function Compare({ run, currentHash }: { run: FullRun; currentHash: string | null }) {
  const { runs, parts } = useWords();
  const { compare } = runs;
  const [isWanted, setWanted] = useState(false);
  const key = isWanted ? `${run.workflowId} ${run.definitionHash ?? ''} ${currentHash ?? ''}` : null;
  const lines = useLoad(key, () => differences(run));
  if (run.definitionHash === currentHash) {
    return (
      <Card title={compare.title}>
        <p class="muted">{compare.same}</p>
      </Card>
    );
  }
  return (
    <Card title={compare.title}>
      <p>{currentHash === null ? compare.gone : compare.other}</p>
      {currentHash !== null && !isWanted && (
        <div class="row">
          <Button
            disabled={!may('operator')}
            title={may('operator') ? undefined : parts.needsRole(parts.roles.operator)}
            onClick={() => setWanted(true)}
          >
            {compare.show}
          </Button>
        </div>
      )}
      {isWanted && (
        <Load of={lines}>
          {(found) => {
            if (found === 'unknown') return <p>{compare.unknown}</p>;
            if (found.length === 0) return <p>{compare.none}</p>;
            return <Code text={found.join('\n')} what={compare.changes} />;
          }}
        </Load>
      )}
    </Card>
  );
}

/** A rehearsal of what would give the run the current definition tells both. */
async function differences(run: FullRun): Promise<string[] | 'unknown'> {
  const params = { path: { run: run.workflowId } };
  const how = { reason: 'compare', via: 'api' as const, dryRun: true };
  const { definitions } = isOpen(run)
    ? await answerOf(api.POST('/runs/{run}/migrate', { params, body: how }))
    : await answerOf(api.POST('/runs/{run}/retry', { params, body: { ...how, current: true, all: false } }));
  if (definitions === null) return 'unknown';
  const [{ diffDefinitions }, { changeLines }] = await Promise.all([
    import('../../../authoring/diff-definitions.ts'),
    import('../../../authoring/format-diff.ts'),
  ]);
  const { before, after } = definitions as { before: Definition; after: Definition }; // Both were served by Kait.
  const changes = diffDefinitions(before, after, []);
  return changes.length === 0 ? [] : changeLines(changes);
}
