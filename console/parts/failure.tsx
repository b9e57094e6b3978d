import './notes.css';
import type { Words } from '../words/words.ts';
import { useWords } from '../words/words.ts';
import { ApiError } from '../app/send.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** What could not be loaded or done, why, and a way to try again, unless the viewer may not. */
export function Failure({ error, retry }: { error: unknown; retry?: () => unknown }) {
  const words = useWords();
  const { parts, problems } = words;
  const isForbidden = error instanceof ApiError && error.status === 403;
  return (
    <div class="note bad" role="alert">
      <Icon name="alert" />
      <div class="note-text">
        <strong>{isForbidden ? parts.forbidden : parts.failed}</strong>
        <p class="break">{problemText(error, words)}</p>
        {error instanceof ApiError && error.code !== '' && error.status > 0 && (
          <p class="small mono">{problems.code(error.code, error.status)}</p>
        )}
      </div>
      {retry !== undefined && !isForbidden && (
        <Button icon="retry" onClick={() => void retry()}>
          {parts.retry}
        </Button>
      )}
    </div>
  );
}

/** A problem in words: the server's own, with everything that is wrong with a request. */
export function problemText(error: unknown, { problems }: Words): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : problems.unexpected;
  if (error.status === 0) return problems.unreachable;
  const details = error.errors.filter((each) => !error.message.includes(each));
  return [error.message === '' ? problems.unexpected : error.message, ...details].join(' ');
}
