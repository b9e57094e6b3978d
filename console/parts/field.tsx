import './field.css';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { useWords } from '../words/words.ts';

/** What the input must be given, so that the label, the hint and the error belong to it. */
export interface FieldProps {
  id: string;
  class: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}

/** An input with its label, and below it what is expected and what is wrong. */
export function Field({
  label,
  hint,
  error = null,
  isOptional = false,
  children,
}: {
  label: string;
  hint?: string;
  error?: string | null;
  isOptional?: boolean;
  children: (field: FieldProps) => ComponentChildren;
}) {
  const { parts } = useWords();
  const id = useId();
  const described = [hint !== undefined && `${id}-hint`, error !== null && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>
        {label}
        {isOptional && <span class="faint"> ({parts.optional})</span>}
      </label>
      {children({
        id,
        class: 'input',
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': error !== null,
      })}
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== null && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
