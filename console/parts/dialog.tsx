import './dialog.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { useWords } from '../words/words.ts';
import { Icon } from './icon.tsx';

/** A dialog over the page. The browser keeps the focus in it, closes it with Escape, and gives the focus back. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
}: {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const { parts } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element === null || element.open === isOpen) return;
    if (isOpen) element.showModal();
    else element.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose(); // Beside it.
      }}
    >
      {isOpen && (
        <div class="dialog-box">
          <header class="dialog-head">
            <h2 id={id}>{title}</h2>
            <button type="button" class="quiet" aria-label={parts.close} onClick={onClose}>
              <Icon name="close" />
            </button>
          </header>
          <div class="stack">{children}</div>
        </div>
      )}
    </dialog>
  );
}
