import { useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { Field } from '../../parts/field.tsx';
import { useWords } from '../../words/words.ts';
import { MigrationRehearsal, RetryRehearsal } from './rehearsal.tsx';
import { type FullRun, isOpen, stateOf } from './run-state.ts';

/** The commands that the whole run takes now. */
export function RunCommands({ run, isOld, reload }: { run: FullRun; isOld: boolean; reload: () => Promise<void> }) {
  const { runs } = useWords();
  const { commands } = runs;
  const params = { path: { run: run.workflowId } };
  const bodyOf = (reason: string) => ({ reason, via: 'api' as const });
  const state = stateOf(run);
  const isPaused = (run.details?.paused ?? null) !== null;
  if (!isOpen(run))
    return state === 'completed' || state === 'unknown' || state === 'retried' ? null : (
      <RetryRun {...{ run, reload }} />
    );
  return (
    <>
      {run.details !== null && !isPaused && (
        <CommandButton
          label={commands.pause}
          icon="pause"
          what={commands.pauseWhat}
          done={commands.pauseDone}
          reload={reload}
          act={(reason) => answerOf(api.POST('/runs/{run}/pause', { params, body: bodyOf(reason) }))}
        />
      )}
      {isPaused && (
        <CommandButton
          label={commands.resume}
          icon="play"
          kind="primary"
          what={commands.resumeWhat}
          done={commands.resumeDone}
          reload={reload}
          act={(reason) => answerOf(api.POST('/runs/{run}/resume', { params, body: bodyOf(reason) }))}
        />
      )}
      {isOld && (
        <CommandButton
          label={commands.migrate}
          icon="definition"
          what={commands.migrateWhat}
          done={commands.migrateDone}
          reload={reload}
          act={async (reason) => {
            const body = { ...bodyOf(reason), dryRun: false };
            const { refused, detail } = await answerOf(api.POST('/runs/{run}/migrate', { params, body }));
            if (refused !== null) throw new Error(commands.refused(detail ?? refused));
          }}
        >
          <MigrationRehearsal run={run} />
        </CommandButton>
      )}
      <CommandButton
        label={commands.cancel}
        icon="undo"
        kind="danger"
        what={commands.cancelWhat}
        done={commands.cancelDone}
        reload={reload}
        act={(reason) => answerOf(api.POST('/runs/{run}/cancel', { params, body: bodyOf(reason) }))}
      />
      <CommandButton
        label={commands.terminate}
        icon="stop"
        kind="danger"
        what={commands.terminateWhat}
        done={commands.terminateDone}
        reload={reload}
        act={(reason) => answerOf(api.POST('/runs/{run}/terminate', { params, body: bodyOf(reason) }))}
      />
    </>
  );
}

function RetryRun({ run, reload }: { run: FullRun; reload: () => Promise<void> }) {
  const { commands } = useWords().runs;
  const [undoFailed, setUndoFailed] = useState<'' | 'stands' | 'undone'>('');
  const params = { path: { run: run.workflowId } };
  return (
    <CommandButton
      label={commands.retryRun}
      icon="retry"
      kind="primary"
      what={commands.retryRunWhat}
      done={commands.retryRunDone}
      reload={reload}
      act={async (reason) => {
        const body = {
          ...{ reason, via: 'api' as const, current: false, dryRun: false, all: false },
          ...(undoFailed !== '' && { undoFailed }),
        };
        const { refused, detail } = await answerOf(api.POST('/runs/{run}/retry', { params, body }));
        if (refused !== null) throw new Error(commands.refused(detail ?? refused));
      }}
    >
      <Field label={commands.undoFailed}>
        {(field) => (
          <select
            {...field}
            value={undoFailed}
            onChange={(event) => setUndoFailed(event.currentTarget.value as typeof undoFailed)} // It has no others.
          >
            <option value="">{commands.undoFailedNone}</option>
            <option value="stands">{commands.undoFailedStands}</option>
            <option value="undone">{commands.undoFailedUndone}</option>
          </select>
        )}
      </Field>
      <RetryRehearsal {...{ run, undoFailed }} />
    </CommandButton>
  );
}
