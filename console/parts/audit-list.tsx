import { useWords } from '../words/words.ts';
import { TextWithTimes } from './text-with-times.tsx';
import { Time } from './time.tsx';

interface Entry {
  at: string;
  actor: string;
  action: string;
  reason: string;
  target?: string;
  step?: string | null;
}

/** What people did, with who and why. */
export function AuditList({ entries }: { entries: readonly Entry[] }) {
  const { audit, parts } = useWords();
  const nameOf = (action: string) => (audit.actions as Record<string, string>)[action] ?? action;
  return (
    <ul class="plain-list" aria-label={parts.details}>
      {entries.map(({ at, actor, action, reason, step = null, target }, index) => (
        <li key={index}>
          <strong>{step === null ? nameOf(action) : `${nameOf(action)} ${step}`}</strong>
          {target !== undefined && <div class="small faint break">{target}</div>}
          <p class="break">
            <TextWithTimes text={reason} />
          </p>
          <div class="row small faint">
            <span class="break">{actor}</span>
            <Time at={at} />
          </div>
        </li>
      ))}
    </ul>
  );
}
