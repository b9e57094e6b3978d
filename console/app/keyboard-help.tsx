import { Dialog } from '../parts/dialog.tsx';
import { useWords } from '../words/words.ts';
import { chooseKeys, keysCount, showsHelp } from './keyboard.ts';

/** What the keys do, and a switch for them. */
export function KeyboardHelp() {
  const { keyboard } = useWords();
  const keys = [
    ['/', keyboard.search],
    ['j', keyboard.next],
    ['k', keyboard.previous],
    ['Enter', keyboard.open],
    ['?', keyboard.help],
    ['Esc', keyboard.close],
  ] as const;
  return (
    <Dialog title={keyboard.title} isOpen={showsHelp.value} onClose={() => (showsHelp.value = false)}>
      <dl class="facts">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={keysCount.value}
          onChange={(event) => chooseKeys(event.currentTarget.checked)}
        />
        {keyboard.single}
      </label>
    </Dialog>
  );
}
