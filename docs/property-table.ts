import type { JsonShape } from '../language/check/json-shape.ts';

/** A JSON Schema as editors get it: it also refers to definitions and has patterns. */
export interface EditorShape extends JsonShape {
  allOf?: { $ref?: string }[];
  pattern?: string;
  $ref?: string;
}

/** A table of an object's properties, without those that are left out; below it, one of each object within. */
export function propertyTables(shape: EditorShape, leftOut: readonly string[]): string[] {
  const nested = shownProperties(shape, leftOut).flatMap(([name, property]) => {
    const within = objectWithin(property);
    return within === undefined || isShared(name) ? [] : [`Within \`${name}\`:`, '', ...propertyTables(within, [])];
  });
  return [...propertyTable(shape, leftOut), ...nested];
}

/** See {@link propertyTables}; this one only. */
export function propertyTable(shape: EditorShape, leftOut: readonly string[]): string[] {
  const rows = shownProperties(shape, leftOut).map(([name, property]) => {
    const required = shape.required?.includes(name) === true ? 'yes' : '';
    return `| \`${name}\` | ${formOf(property)} | ${required} | ${meaningOf(property)} |`;
  });
  return ['| property | form | required | meaning |', '| --- | --- | --- | --- |', ...rows, ''];
}

/** The object that a property is, or that is one of its alternatives, or that its list holds. */
function objectWithin(shape: EditorShape): EditorShape | undefined {
  if (shape.properties !== undefined) return shape;
  return [...(shape.anyOf ?? []), ...(shape.items === undefined ? [] : [shape.items])].map(objectWithin).find(Boolean);
}

/** What every action has stands behind what is its own. */
function shownProperties({ properties = {} }: EditorShape, leftOut: readonly string[]): [string, EditorShape][] {
  return Object.entries(properties)
    .filter(([name]) => !leftOut.includes(name) && name !== '$schema')
    .sort(([one], [other]) => Number(isShared(one)) - Number(isShared(other)));
}

function isShared(name: string): boolean {
  return ['timeout', 'deadline', 'heartbeat', 'retry', 'undo', 'undoWhen'].includes(name);
}

/** Angle brackets would be taken for HTML, and a bar would end the cell. */
function meaningOf({ description = '' }: EditorShape): string {
  return description.replaceAll('<', '&lt;').replaceAll('|', '\\|');
}

const typeNames: Record<string, string> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  null: 'null',
};

/** In the words of the language: what a schema leaves open, it names by reference. */
export function formOf(shape: EditorShape): string {
  const reference = shape.allOf?.[0]?.$ref?.split('/').at(-1);
  if (reference !== undefined) return wordsOfReferences[reference] ?? 'any JSON';
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${String(value)}\``).join(' ');
  if (shape.const !== undefined) return `\`${JSON.stringify(shape.const)}\``;
  if (shape.anyOf !== undefined) return [...new Set(shape.anyOf.map(formOf))].join(' or ');
  if (shape.pattern?.includes('ms|s|m|h|d') === true) return 'duration';
  if (shape.type === 'array') return isStepList(shape) ? 'steps' : `list of ${formOf(shape.items ?? {})}`;
  if (shape.type === 'object') return isOfTemplates(shape) ? 'object of templates' : 'object';
  return typeNames[String(shape.type)] ?? 'any JSON';
}

function isOfTemplates({ properties, additionalProperties: others }: EditorShape): boolean {
  return properties === undefined && typeof others === 'object' && Object.keys(others).length > 0;
}

const wordsOfReferences: Record<string, string> = { logic: 'condition', template: 'template', undo: 'undo' };

function isStepList({ items }: { items?: EditorShape }): boolean {
  return items?.$ref?.endsWith('/step') === true;
}
