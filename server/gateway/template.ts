import type { Json } from '../../language/json.ts';
import { isObject } from '../../language/json.ts';
import { eventPlaces } from './alternatives.ts';
import { compilePlace, parsePlace, type PlaceKind, type ReadPlace } from './place.ts';
import type { RequestView } from './request-view.ts';
import { parsePointer, valueAt } from './json-pointer.ts';

/** Text with places in braces: `{json:/order_id}`. What is absent is left out, since an answer is sent whatever came. */
export type Render = (view: RequestView) => string;

/** Throws an `Error` that says what is wrong with the template. Braces around anything but a place stand for themselves: JSON. */
export function compileText(template: string, allowed: readonly PlaceKind[] = eventPlaces): Render {
  const pieces = template.split(/(\{[a-z]+(?::[^{}]*)?(?: \| [a-z0-9]+)*\})/).map((piece, index): ReadPlace => {
    if (index % 2 === 0) return () => piece;
    return compilePlace(parsePlace(piece.slice(1, -1), allowed));
  });
  return (view) => pieces.map((read) => read(view) ?? '').join('');
}

/** JSON in whose texts places stand in braces; a text that is nothing but `{json:/pointer}` becomes the value itself. */
export function compileJson(template: Json): (view: RequestView) => Json {
  if (typeof template === 'string') {
    const pointer = /^\{json:(\/[^{}|]*)\}$/.exec(template)?.[1];
    if (pointer === undefined) return compileText(template);
    const path = parsePointer(pointer);
    return (view) => valueAt(view.body().document, path) ?? null;
  }
  if (Array.isArray(template)) {
    const members = template.map(compileJson);
    return (view) => members.map((member) => member(view));
  }
  if (!isObject(template)) return () => template;
  const members = Object.entries(template).map(([name, member]) => [name, compileJson(member)] as const);
  return (view) => Object.fromEntries(members.map(([name, member]) => [name, member(view)]));
}
