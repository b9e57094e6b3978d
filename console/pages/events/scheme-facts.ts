/** What people want to know of a scheme of `gateway.schema.json`. Null: it has no such thing. */
export interface SchemeFacts {
  name: string;
  /** Where the signature or the secret is in the request: `header:stripe-signature`. */
  signature: string | null;
  /** What is signed: `{sig:t}.{body}`. */
  over: string | null;
  /** How old the request may be. */
  toleranceSeconds: number | null;
}

export function schemeFacts(scheme: unknown): SchemeFacts {
  const { scheme: name, algorithm, signature, signed, timestamp, from } = membersOf(scheme);
  const place = textOf(membersOf(signature).from) ?? textOf(signature) ?? textOf(from);
  const tolerance = membersOf(timestamp).toleranceSeconds;
  return {
    name: [textOf(name), textOf(algorithm)].filter((part) => part !== null).join(' '),
    signature: place,
    over: textOf(signed),
    toleranceSeconds: typeof tolerance === 'number' ? tolerance : null,
  };
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
