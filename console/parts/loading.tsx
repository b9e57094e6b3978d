import './notes.css';
import { useWords } from '../words/words.ts';

/** Stands where something will be. */
export function Loading() {
  return (
    <div class="loading" role="status" aria-label={useWords().parts.loading}>
      <span />
      <span />
      <span />
    </div>
  );
}
