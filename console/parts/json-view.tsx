import './json-view.css';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../words/words.ts';
import { Copy } from './copy.tsx';
import { childPointer, preview } from './json-text.ts';

/** How many members of a list or object are shown at once. */
const shownAtOnce = 100;
/** How long a text may be before only its beginning is shown. */
const longestText = 600;

interface JsonProps {
  value: unknown;
  /** What it is, for the button that copies it. */
  what: string;
  /** JSON pointers of the places to light up. The way there is opened. */
  lit?: readonly string[];
  /** How deep it is open at first. */
  depth?: number;
}

/** A JSON value as a tree that opens and closes. Everything in it is text, whatever it contains. */
export function JsonView({ value, what, lit = [], depth = 2 }: JsonProps) {
  const frame = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const [element, place] = [frame.current, frame.current?.querySelector('.lit') ?? null];
    if (element === null || place === null) return;
    // Only within this frame: the page itself must not jump.
    const offset = place.getBoundingClientRect().top - element.getBoundingClientRect().top;
    if (offset < 0 || offset > element.clientHeight - 24) element.scrollTop += offset - element.clientHeight / 3;
  }, [lit.join(' ')]);
  return (
    <div class="json" ref={frame}>
      <div class="json-copy">
        <Copy text={JSON.stringify(value ?? null, null, 2)} what={what} />
      </div>
      <Node value={value} pointer="" lit={lit} openTo={depth} />
    </div>
  );
}

interface NodeProps {
  value: unknown;
  pointer: string;
  lit: readonly string[];
  openTo: number;
  name?: string;
}

function Node({ value, pointer, lit, openTo, name }: NodeProps) {
  const { parts } = useWords();
  const [choice, setChoice] = useState<boolean | null>(null);
  const [most, setMost] = useState(shownAtOnce);
  const isLit = lit.includes(pointer);
  const label = name === undefined ? null : <span class="json-name">{name}: </span>;
  if (typeof value !== 'object' || value === null) {
    return (
      <div class={isLit ? 'json-line lit' : 'json-line'} data-pointer={pointer}>
        {label}
        <Scalar value={value} />
      </div>
    );
  }
  const entries: [string, unknown][] = Object.entries(value);
  const leadsToLit = lit.some((each) => each.startsWith(`${pointer}/`));
  const isOpen = entries.length > 0 && (leadsToLit || (choice ?? openTo > 0));
  const isList = Array.isArray(value);
  return (
    <div class={isLit ? 'json-group lit' : 'json-group'} data-pointer={pointer}>
      {entries.length === 0 ? (
        <div class="json-line">
          {label}
          {isList ? '[]' : '{}'}
        </div>
      ) : (
        <button type="button" class="json-line json-toggle" aria-expanded={isOpen} onClick={() => setChoice(!isOpen)}>
          {label}
          <span class="json-brief">{isOpen ? (isList ? '[' : '{') : preview(value)}</span>
        </button>
      )}
      {isOpen && (
        <>
          <div class="json-children">
            {entries.slice(0, most).map(([key, member]) => (
              <Node
                key={key}
                name={key}
                value={member}
                pointer={childPointer(pointer, key)}
                lit={lit}
                openTo={openTo - 1}
              />
            ))}
            {entries.length > most && (
              <button type="button" class="json-more" onClick={() => setMost(most + 10 * shownAtOnce)}>
                {parts.moreItems(entries.length - most)}
              </button>
            )}
          </div>
          <div class="json-line json-brief">{isList ? ']' : '}'}</div>
        </>
      )}
    </div>
  );
}

function Scalar({ value }: { value: unknown }) {
  const { parts } = useWords();
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== 'string') return <span class={`json-${typeof value}`}>{String(value)}</span>;
  const isLong = value.length > longestText && !isWhole;
  return (
    <span class="json-string">
      {JSON.stringify(isLong ? value.slice(0, longestText) : value)}
      {isLong && (
        <button type="button" class="json-more" onClick={() => setWhole(true)}>
          {parts.moreItems(value.length - longestText)}
        </button>
      )}
    </span>
  );
}
