import './toasts.css';
import { signal } from '@preact/signals';
import { useWords } from '../words/words.ts';
import { Icon } from './icon.tsx';

interface Toast {
  id: number;
  tone: 'ok' | 'bad';
  text: string;
}

const toasts = signal<Toast[]>([]);
let lastId = 0;
const shownMs = 6_000;

/** Says what became of something. A failure stays until it is closed. */
export function toast(tone: Toast['tone'], text: string): void {
  const id = (lastId += 1);
  toasts.value = [...toasts.value.slice(-3), { id, tone, text }];
  if (tone === 'ok') setTimeout(() => close(id), shownMs);
}

function close(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

/** Where they are shown, once in the page. */
export function Toasts() {
  const { parts } = useWords();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, tone, text }) => (
        <div class={`toast ${tone}`} key={id}>
          <Icon name={tone === 'ok' ? 'check' : 'alert'} />
          <p class="break">{text}</p>
          <button type="button" class="quiet" aria-label={parts.close} onClick={() => close(id)}>
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </div>
  );
}
