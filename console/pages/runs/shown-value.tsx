import { Code } from '../../parts/code.tsx';
import { bytes } from '../../parts/format.ts';
import { JsonView } from '../../parts/json-view.tsx';
import { useWords } from '../../words/words.ts';
import type { RunStep } from './run-state.ts';

/** What a step was given or has returned: JSON, or the beginning of a large one. `none` is said if there is nothing. */
export function Shown({ value, what, none }: { value: RunStep['input']; what: string; none: string }) {
  const { parts, locale } = useWords();
  if (value === null) return <p class="muted">{none}</p>;
  if ('beginning' in value) {
    return (
      <div class="stack">
        <p class="muted">{parts.textCut(bytes(value.bytes, locale))}</p>
        <Code text={value.beginning} what={what} />
      </div>
    );
  }
  return <JsonView value={value.value} what={what} depth={3} />;
}
