/** Shorter parts could be words or numbers of an ordinary answer. */
const distinctive = 8;
/** Still shorter ones are not looked for. */
const least = 4;
/** A part that may be a word, such as a user name. */
const word = /^[A-Za-z]*$/;
/** `Bearer `, `Basic `: what stands before the credentials. */
const scheme = /^[A-Za-z][\w-]*:?\s+/;
/** Of a pair, a list of parameters or the like. The rest of a longer secret is found as a whole. */
const mostParts = 16;

/**
 * Every text by which a receiver might repeat the secrets: as they are, without their scheme, decoded from Basic, the parts of a
 * pair; each as it is, in base64 at any offset, in base64url, in hex and as a list of bytes. Escapes of single characters, separators
 * and encodings of encodings need no forms of their own: see `createSecretFinder`.
 */
export function secretForms(secrets: readonly string[]): string[] {
  const forms = secrets.flatMap(partsOf).flatMap((part) => [...spellingsOf(part), ...encodingsOf(part)]);
  return [...new Set(forms.filter((form) => form.length >= least))];
}

/** The secret, and what is secret in it. */
function partsOf(secret: string): string[] {
  const rest = secret.replace(scheme, '');
  const decoded = decodedPairOf(rest);
  const pairs = decoded === undefined ? [rest] : [rest, decoded];
  return [secret, ...pairs, ...pairs.flatMap((pair) => [passwordOf(pair), ...piecesOf(secretPartOf(pair))])];
}

/** `user:password` in `dXNlcjpwYXNzd29yZA==`. */
function decodedPairOf(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  return /^[^\p{Cc}\uFFFD]+$/u.test(decoded) ? decoded : undefined;
}

function passwordOf(pair: string): string {
  const colon = pair.indexOf(':');
  return colon === -1 ? '' : pair.slice(colon + 1);
}

/** A user name beside a real password is no secret: it may be an account number that belongs in an event. */
function secretPartOf(text: string): string {
  const password = passwordOf(text);
  const isPair = /^[^\s:;,="'&\0]+:/.test(text);
  return isPair && password.length >= distinctive ? password : text;
}

/** The distinctive pieces, with and without a prefix such as `whsec_`. A user name that is a word stays. */
function piecesOf(text: string): string[] {
  const pieces = text.split(/[\s:;,="'&\0]+/, mostParts);
  const unprefixed = pieces.map((piece) => piece.replace(/^[A-Za-z]+(_[A-Za-z]+)?_(?=.{16})/, ''));
  return [...pieces, ...unprefixed].filter((piece) => piece.length >= distinctive && !word.test(piece));
}

/** A header's bytes are Latin-1. A receiver may take them for UTF-8, or UTF-8 for them. */
function spellingsOf(part: string): string[] {
  const quoted = part.replaceAll('=', '=3D'); // As quoted-printable has it, in mails.
  if (isAscii(part)) return [part, quoted];
  return [quoted, part, Buffer.from(part, 'utf8').toString('latin1'), Array.from(part, replaceUnlessAscii).join('')];
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function replaceUnlessAscii(character: string): string {
  return isAscii(character) ? character : '\uFFFD';
}

function encodingsOf(part: string): string[] {
  const bytes = Buffer.from(part, 'utf8');
  const variants = isAscii(part) ? [bytes] : [bytes, Buffer.from(part, 'latin1')];
  const isEncoded = /^[A-Za-z0-9+/_-]{16,}={0,2}$/.test(part);
  const decoded = isEncoded ? [Buffer.from(part, 'base64')] : [];
  const encoded = [...variants, ...decoded].flatMap((each) => [
    each.toString('hex'),
    ...listOf(each),
    ...base64FormsOf(each),
  ]);
  return [...encoded, ...decoded.map((each) => each.toString('latin1'))];
}

/** `[115, 107, 95]`: how JavaScript writes bytes as JSON. A few would be numbers of an ordinary answer. */
function listOf(bytes: Uint8Array): string[] {
  return bytes.length < distinctive ? [] : [bytes.join(',')];
}

/** In base64, bytes look in three ways, by their offset. At the edges, a character also depends on the neighbour, so it is left out. */
function base64FormsOf(bytes: Buffer): string[] {
  const inside = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
  const padded = bytes.toString('base64');
  return [padded, padded.replace(/=+$/, ''), ...inside].flatMap((text) => [
    text,
    text.replaceAll('+', '-').replaceAll('/', '_'),
  ]);
}
