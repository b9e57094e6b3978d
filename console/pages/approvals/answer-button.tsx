import { useState } from 'preact/hooks';
import { answerOf, api } from '../../app/api.ts';
import { CommandButton } from '../../parts/command-button.tsx';
import { Field } from '../../parts/field.tsx';
import { useWords } from '../../words/words.ts';
import type { Approval } from './approval.ts';

/** Answers a question for a person. Kait decides whether this person may. */
export function AnswerButton({
  approval: { workflowId, step, question, rules },
  approved,
  reload,
}: {
  approval: Approval;
  approved: boolean;
  reload: () => Promise<void>;
}) {
  const { approvals } = useWords();
  const [by, setBy] = useState(rules.people.length === 1 ? (rules.people[0] ?? '') : '');
  const [why, setWhy] = useState('');

  async function act(): Promise<string> {
    const reason = why.trim() === '' ? {} : { reason: why.trim() };
    const body = { workflowId, step, approved, by: by.trim(), ...reason };
    const answer = await answerOf(api.POST('/approvals/answer', { body }));
    setWhy('');
    await reload();
    return answer.decided === null
      ? approvals.othersToo(answer.approvals, answer.needed)
      : answer.decided
        ? approvals.isApproved
        : approvals.isRejected;
  }

  return (
    <CommandButton
      label={approved ? approvals.approve : approvals.reject}
      icon={approved ? 'check' : 'close'}
      kind={approved ? 'primary' : 'danger'}
      what={
        <>
          <strong>{question}</strong>
          <p>{approved ? approvals.approveWhat(rules.min) : approvals.rejectWhat}</p>
        </>
      }
      done=""
      asksReason={false}
      act={act}
    >
      <Field label={approvals.person} hint={approvals.personHint}>
        {(field) => (
          <input {...field} required maxLength={200} value={by} onInput={(event) => setBy(event.currentTarget.value)} />
        )}
      </Field>
      <Field label={approvals.reason} isOptional={!rules.needsReason}>
        {(field) => (
          <textarea
            {...field}
            required={rules.needsReason}
            maxLength={2_000}
            rows={2}
            value={why}
            onInput={(event) => setWhy(event.currentTarget.value)}
          />
        )}
      </Field>
    </CommandButton>
  );
}
