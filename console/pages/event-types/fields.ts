/** A field of a JSON Schema, as a line of a table. */
export interface SchemaField {
  /** `order.items[].sku` */
  path: string;
  /** `string`, `integer or null`, `"open" or "closed"`. Empty: anything. */
  type: string;
  isRequired: boolean;
  description: string;
}

const deepest = 6;
const most = 300;

/** The fields that a JSON Schema names, parents before children. Whatever is not understood is left out: the schema itself is shown beside it. */
export function fieldsOf(schema: unknown): SchemaField[] {
  const found: SchemaField[] = [];
  walk(schema, '', 0, found);
  return found;
}

function walk(schema: unknown, path: string, depth: number, found: SchemaField[]): void {
  if (!isObject(schema) || depth > deepest) return;
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const [name, child] of Object.entries(properties)) {
    if (found.length >= most) return;
    const at = path === '' ? name : `${path}.${name}`;
    const description = isObject(child) && typeof child.description === 'string' ? child.description : '';
    found.push({ path: at, type: typeOf(child), isRequired: required.includes(name), description });
    walk(child, at, depth + 1, found);
    if (isObject(child)) walk(child.items, `${at}[]`, depth + 1, found);
  }
}

function typeOf(schema: unknown): string {
  if (!isObject(schema)) return '';
  if ('const' in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives))
    return [...new Set(alternatives.map(typeOf))].filter((each) => each !== '').join(' | ');
  const types = [schema.type].flat().filter((each): each is string => typeof each === 'string');
  const plain = types.join(' | ');
  if (typeof schema.format === 'string') return `${plain} (${schema.format})`;
  if (plain === 'array' && isObject(schema.items)) return `${typeOf(schema.items) || 'any'}[]`;
  return plain;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
