import './editor.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Loading } from '../loading.tsx';
import type { Completer, EditorHandle, EditorMark } from './code-mirror.ts';

interface EditorProps {
  text: string;
  /** What is written in it. */
  label: string;
  /** The line to show, counted from 1. */
  reveal?: number | null;
  /** What is wrong, and where. */
  marks?: readonly EditorMark[] | undefined;
  /** Without it, the text can only be read. */
  onChange?: (text: string) => void;
  /** Told the line of the cursor, counted from 1. */
  onLine?: (line: number) => void;
  complete?: Completer;
  isTall?: boolean;
}

/** JSON in an editor. It is loaded when it is needed. A text that is given anew replaces what is written. */
export function Editor({ text, label, reveal = null, marks, onChange, onLine, complete, isTall = false }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const [handle, setHandle] = useState<EditorHandle | null>(null);
  const latest = useRef({ text, onChange, onLine, complete });
  latest.current = { text, onChange, onLine, complete };
  const isReadOnly = onChange === undefined;
  useEffect(() => {
    let made: EditorHandle | null = null;
    let isGone = false;
    void import('./code-mirror.ts').then(({ openEditor }) => {
      if (isGone || host.current === null) return;
      made = openEditor(host.current, {
        ...{ text: latest.current.text, label, isReadOnly },
        onChange: (changed) => latest.current.onChange?.(changed),
        onLine: (line) => latest.current.onLine?.(line),
        complete: (before) => latest.current.complete?.(before) ?? null,
      });
      setHandle(made);
    });
    return () => {
      isGone = true;
      made?.close();
    };
  }, [label, isReadOnly]);
  useEffect(() => handle?.setText(text), [handle, text]);
  useEffect(() => handle?.setMarks(marks ?? []), [handle, marks]);
  useEffect(() => {
    if (reveal !== null) handle?.reveal(reveal);
  }, [handle, reveal]);
  return (
    <>
      {handle === null && <Loading />}
      <div class={isTall ? 'editor tall' : 'editor'} ref={host} key={`${label} ${isReadOnly}`} />
    </>
  );
}
