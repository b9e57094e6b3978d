import { applyEdits, modify } from 'jsonc-parser';
import { parsePointer } from './json-pointer.ts';
import { inverses } from './filters.ts';
import { parseSelector, type SelectorKind } from './selector.ts';

/** A request that is being made: headers with names in lower case, and the body's bytes. */
export interface OutboundDraft {
  headers: Record<string, string>;
  body: Buffer;
  /** The JSON pointer of the event that is being signed: `item:` selectors begin there. */
  itemPointer: string;
}

const writable: readonly SelectorKind[] = ['header', 'json', 'item', 'form'];

/** Writes the text that a selector reads, and keeps the rest of the body's layout. Throws if the selector cannot be written. */
export function writeAt(draft: OutboundDraft, selectorText: string, value: string): OutboundDraft {
  const { kind, name, filters } = parseSelector(selectorText, writable);
  const text = filters.toReversed().reduce((written, filter) => inverses[filter]?.(written) ?? written, value);
  if (kind === 'header') return { ...draft, headers: { ...draft.headers, [name]: text } };
  const body = draft.body.toString('utf8');
  const pointer = kind === 'item' ? `${draft.itemPointer}${name}` : name;
  return { ...draft, body: Buffer.from(kind === 'form' ? setField(body, name, text) : setMember(body, pointer, text)) };
}

function setField(body: string, name: string, text: string): string {
  const fields = new URLSearchParams(body);
  fields.set(name, text);
  return fields.toString();
}

function setMember(body: string, pointer: string, text: string): string {
  const path = parsePointer(pointer).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return applyEdits(body, modify(body, path, text, { formattingOptions: { insertSpaces: true, tabSize: 2 } }));
}
