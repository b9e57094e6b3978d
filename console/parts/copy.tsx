import { useState } from 'preact/hooks';
import { useWords } from '../words/words.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import { toast } from './toasts.tsx';

/** Copies a text. Without a label, it is only a picture beside what it copies. */
export function Copy({ text, what, label }: { text: string; what: string; label?: string }) {
  const { parts } = useWords();
  const [isCopied, setCopied] = useState(false);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    } catch (error) {
      toast('bad', error instanceof Error ? error.message : String(error));
    }
  }

  const title = isCopied ? parts.copied : parts.copyWhat(what);
  if (label !== undefined) {
    return (
      <Button icon={isCopied ? 'check' : 'copy'} title={title} onClick={() => void copy()}>
        {isCopied ? parts.copied : label}
      </Button>
    );
  }
  return (
    <button type="button" class="quiet copy" aria-label={title} title={title} onClick={() => void copy()}>
      <Icon name={isCopied ? 'check' : 'copy'} size={14} />
    </button>
  );
}
