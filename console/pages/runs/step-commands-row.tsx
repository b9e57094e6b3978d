import { useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { Field } from '../../parts/field.tsx';
import type { IconName } from '../../parts/icon.tsx';
import { useWords } from '../../words/words.ts';
import type { FullRun, RunStep } from './run-state.ts';
import { commandsOf, type StepCommand, type Steerable } from './step-commands.ts';

const icons: Record<StepCommand, IconName> = {
  retry: 'retry',
  skip: 'skip',
  'set-result': 'check',
  'edit-input': 'edit',
};

interface Props {
  run: FullRun;
  step: RunStep;
  reload: () => Promise<void>;
}

/** The commands that a step takes now, a row for each of its passages. */
export function StepCommands({ run, step, reload }: Props) {
  const { runs } = useWords();
  const steerable = commandsOf(run, step);
  return (
    <>
      {steerable.map((each) => (
        <div class="row" key={each.key}>
          {each.key !== step.id && <span class="small muted">{runs.commands.step(each.key)}</span>}
          {each.commands.map((command) =>
            command === 'set-result' || command === 'edit-input' ? (
              <GivingCommand key={command} command={command} {...{ run, step, reload }} steerable={each} />
            ) : (
              <PlainCommand key={command} command={command} {...{ run, step, reload }} steerable={each} />
            ),
          )}
        </div>
      ))}
    </>
  );
}

function PlainCommand({
  command,
  run,
  reload,
  steerable,
}: Props & { command: 'retry' | 'skip'; steerable: Steerable }) {
  const { commands } = useWords().runs;
  const params = { path: { run: run.workflowId, step: steerable.key } };
  return (
    <CommandButton
      label={commands[command]}
      icon={icons[command]}
      kind={command === 'retry' ? 'primary' : 'plain'}
      what={command === 'retry' ? commands.retryWhat[steerable.state] : commands.skipWhat[steerable.state]}
      done={command === 'retry' ? commands.retryDone : commands.skipDone}
      reload={reload}
      act={(reason) => {
        const body = { reason, via: 'api' as const };
        if (command === 'retry') return answerOf(api.POST('/runs/{run}/steps/{step}/retry', { params, body }));
        return answerOf(api.POST('/runs/{run}/steps/{step}/skip', { params, body }));
      }}
    />
  );
}

/** A command with JSON in it. */
function GivingCommand({
  command,
  run,
  step,
  reload,
  steerable,
}: Props & { command: 'set-result' | 'edit-input'; steerable: Steerable }) {
  const { commands } = useWords().runs;
  const isInput = command === 'edit-input';
  const present = isInput && step.input !== null && 'value' in step.input ? step.input.value : isInput ? {} : null;
  const [text, setText] = useState(JSON.stringify(present, null, 2));
  const params = { path: { run: run.workflowId, step: steerable.key } };
  return (
    <CommandButton
      label={commands[command]}
      icon={icons[command]}
      what={isInput ? commands.editInputWhat : commands.setResultWhat}
      done={isInput ? commands.editInputDone : commands.setResultDone}
      reload={reload}
      act={async (reason) => {
        const given = parsed(text, commands.notJson);
        const body = { reason, via: 'api' as const };
        if (!isInput) {
          await answerOf(api.POST('/runs/{run}/steps/{step}/set-result', { params, body: { ...body, result: given } }));
          return undefined;
        }
        if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new Error(commands.notObject);
        const input = given as Record<string, unknown>;
        const { checked } = await answerOf(
          api.POST('/runs/{run}/steps/{step}/edit-input', { params, body: { ...body, input } }),
        );
        return checked ? commands.editInputDone : commands.editInputUnchecked;
      }}
    >
      <Field label={isInput ? commands.input : commands.result}>
        {(field) => (
          <textarea
            {...field}
            class="input code"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
    </CommandButton>
  );
}

function parsed(text: string, notJson: (why: string) => string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(notJson(error instanceof Error ? error.message : String(error)), { cause: error });
  }
}
