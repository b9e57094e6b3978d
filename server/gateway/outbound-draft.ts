import { applyEdits, modify } from 'jsonc-parser';
import { parsePointer } from './json-pointer.ts';
import { parsePlace, type PlaceKind } from './place.ts';

/** A request that is being made: headers with names in lower case, and the body's bytes. */
export interface OutboundDraft {
  headers: Record<string, string>;
  body: Buffer;
}

const writable: readonly PlaceKind[] = ['header', 'json', 'item', 'form'];

/** The draft with `text` at a place, the rest of the body as it is laid out. Throws where the place cannot be written. */
export function writeAt(draft: OutboundDraft, placeText: string, text: string): OutboundDraft {
  const { kind, name } = parsePlace(placeText, writable);
  if (kind === 'header') return { ...draft, headers: { ...draft.headers, [name]: text } };
  const body = draft.body.toString('utf8');
  return { ...draft, body: Buffer.from(kind === 'form' ? setField(body, name, text) : setMember(body, name, text)) };
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
