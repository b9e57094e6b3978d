import './notes.css';
import type { ComponentChildren } from 'preact';
import type { Loaded } from '../app/use-load.ts';
import { useWords } from '../words/words.ts';
import { Failure } from './failure.tsx';
import { Loading } from './loading.tsx';
import { Note } from './note.tsx';

/** Shows what was loaded: until it is there, that it is loading or why it failed; if it could not be loaded again, that it may be old. */
export function Load<Data>({ of, children }: { of: Loaded<Data>; children: (data: Data) => ComponentChildren }) {
  const { parts } = useWords();
  if (of.data === null) return of.error === null ? <Loading /> : <Failure error={of.error} retry={of.reload} />;
  return (
    <>
      {of.error !== null && <Note tone="warn">{parts.stale}</Note>}
      {children(of.data)}
    </>
  );
}
