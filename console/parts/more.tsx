import { useWords } from '../words/words.ts';
import { Button } from './button.tsx';

/** Below a list that has more pages. */
export function More({ isLoading, onMore }: { isLoading: boolean; onMore: () => void }) {
  const { parts } = useWords();
  return (
    <div class="more">
      <Button isBusy={isLoading} onClick={onMore}>
        {isLoading ? parts.loading : parts.more}
      </Button>
    </div>
  );
}
