import { useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';
import type { Base } from './base.ts';
import { fileOf, testsOf } from './published-file.ts';

interface PublishProps {
  base: Base;
  text: string;
  /** The draft's name. Null: it has mistakes. */
  name: string | null;
  /** Of the draft, as they are written. Empty: there are none. */
  tests: string;
  save: () => void;
  /** Has the newest set looked at anew. */
  onPublished: () => unknown;
}

/** Publishes the draft, or says why that is not possible here and what to do instead. */
export function Publish({ base, ...draft }: PublishProps) {
  const { playground } = useWords();
  return (
    <Card title={playground.publish}>
      <div class="stack">
        {base.kind === 'set' ? (
          <ToSet base={base} {...draft} />
        ) : (
          <>
            <p class="muted">{playground.notHere[base.kind]}</p>
            <p>
              <Button onClick={draft.save}>{playground.export}</Button>
            </p>
          </>
        )}
      </div>
    </Card>
  );
}

function ToSet({
  base: { set, files, waits },
  text,
  name,
  tests,
  onPublished,
}: Omit<PublishProps, 'base' | 'save'> & { base: Extract<Base, { kind: 'set' }> }) {
  const { playground } = useWords();
  const [force, setForce] = useState(false);
  if (name === null) return <p class="muted">{playground.publishUnsound}</p>;
  const file = fileOf(files, name);
  const beside = testsOf(files, file);
  const changed = {
    ...(file.text !== text && { [file.path]: text }),
    ...(tests !== '' && beside.text !== tests && { [beside.path]: tests }),
  };
  const paths = Object.keys(changed);
  if (paths.length === 0) return <p class="muted">{playground.publishSame(file.path, set)}</p>;

  async function publish(note: string): Promise<string> {
    const body = { files: changed, note, force };
    const params = { path: { set } };
    const answer = await answerOf(api.POST('/published/{set}/files', { params, body }));
    if (!answer.published && answer.problems.length > 0) {
      throw new Error([...answer.problems, playground.publishHint].join('\n'));
    }
    await onPublished();
    return playground.publishedAs(answer.set?.id ?? set);
  }

  return (
    <>
      <p>{file.text === null ? playground.publishAdds(file.path, set) : playground.publishReplaces(file.path, set)}</p>
      {waits !== null && (
        <Note tone="warn" title={playground.newestWaits(set)}>
          <p class="break">{waits}</p>
          <Link href="/system">{playground.toSystem}</Link>
        </Note>
      )}
      <p>
        <CommandButton
          label={playground.publish}
          kind="primary"
          needs="admin"
          what={playground.publishWhat(paths.join(', '))}
          done={playground.published}
          act={publish}
        >
          <label class="check">
            <input type="checkbox" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} />
            {playground.publishForce}
          </label>
        </CommandButton>
      </p>
    </>
  );
}
