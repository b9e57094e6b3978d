import './endpoints.css';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';

/** A new signing secret, which nobody can see again. The dialog closes only by its button. */
export function ShownOnce({ secret, onClose }: { secret: string | null; onClose: () => void }) {
  const { endpoints, parts } = useWords();
  return (
    <Dialog title={endpoints.newSecret} isOpen={secret !== null} onClose={onClose}>
      <div class="secret-once">
        <Note tone="warn" title={endpoints.secretOnce}>
          <p>{endpoints.secretWhat}</p>
        </Note>
        <Code text={secret ?? ''} what={endpoints.secret} />
        <div class="dialog-foot">
          <Button kind="primary" onClick={onClose}>
            {parts.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
