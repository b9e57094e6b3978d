import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { may, type Role } from '../app/session.ts';
import { useWords } from '../words/words.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { problemText } from './failure.tsx';
import { Field } from './field.tsx';
import type { IconName } from './icon.tsx';
import { Note } from './note.tsx';
import { toast } from './toasts.tsx';

interface CommandProps {
  /** The verb: `Cancel the run`. */
  label: string;
  icon?: IconName;
  kind?: 'primary' | 'danger' | 'plain' | 'quiet';
  /** What will happen, in a sentence or two. */
  what: ComponentChildren;
  /** Said when it is done. */
  done: string;
  needs?: Role;
  /** Whether a reason is asked for, which the audit keeps. */
  asksReason?: boolean;
  /** Fields between the text and the reason. */
  children?: ComponentChildren;
  /** Does it. What it throws is shown in the dialog, which stays open. A text that it resolves to is said instead of `done`. */
  act: (reason: string) => Promise<unknown>;
  /** Loads anew what it has changed, once it is done. */
  reload?: () => Promise<void>;
}

/** A button for something that has effects: it opens a dialog that says what will happen and asks why. Without the role, it is not there to be pressed. */
export function CommandButton({ label, icon, kind = 'plain', needs = 'operator', ...command }: CommandProps) {
  const { parts } = useWords();
  const [isOpen, setOpen] = useState(false);
  const isAllowed = may(needs);
  const title = isAllowed ? undefined : parts.needsRole(parts.roles[needs]);
  return (
    <>
      <Button
        kind={kind}
        disabled={!isAllowed}
        title={title}
        onClick={() => setOpen(true)}
        {...(icon === undefined ? {} : { icon })}
      >
        {label}
      </Button>
      <Dialog title={label} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Confirmation {...command} label={label} kind={kind} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Confirmation({
  label,
  kind,
  what,
  done,
  asksReason = true,
  children,
  act,
  reload,
  onClose,
}: Omit<CommandProps, 'icon' | 'needs'> & { onClose: () => void }) {
  const words = useWords();
  const { parts } = words;
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const said = await act(reason.trim());
      await reload?.();
      toast('ok', typeof said === 'string' ? said : done);
      onClose();
    } catch (error) {
      setProblem(problemText(error, words));
      setBusy(false);
    }
  }

  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <div class="break">{what}</div>
      {children}
      {asksReason && (
        <Field label={parts.reason} hint={parts.reasonHint}>
          {(field) => (
            <textarea
              {...field}
              required
              maxLength={500}
              rows={2}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      {problem !== null && (
        <div role="alert">
          <Note tone="bad">
            <strong class="break lines">{problem}</strong>
          </Note>
        </div>
      )}
      <div class="dialog-foot">
        <Button onClick={onClose}>{parts.cancel}</Button>
        <Button type="submit" kind={kind === 'danger' ? 'danger' : 'primary'} isBusy={isBusy}>
          {label}
        </Button>
      </div>
    </form>
  );
}
