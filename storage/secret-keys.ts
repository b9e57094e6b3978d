import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { KaitError } from '../errors.ts';

/*
 * Secrets at rest: AES-256-GCM under keys that the database does not hold. Each sealed text names its key, so that keys can be replaced one after
 * the other while everything stays readable.
 */

export interface SecretKey {
  /** Eight hexadecimal digits that tell keys apart and tell nothing about them. */
  id: string;
  /** 32. */
  bytes: Uint8Array;
}

/** `current` seals. Each of `all` opens. */
export interface SecretKeys {
  current: SecretKey;
  all: ReadonlyMap<string, SecretKey>;
}

/** A text that only the key with this id opens. */
export interface SealedText {
  keyId: string;
  bytes: Uint8Array;
}

/** What kinds of sealed bytes there are, in their first byte. */
const version = 1;
const ivLength = 12;
const tagLength = 16;

/**
 * The keys of `KAIT_SECRETS_KEY`: 32 bytes each, in hexadecimal or base64, between commas, blanks or line breaks. The first is the current one.
 * Null if the text is anything else.
 */
export function parseSecretKeys(text: string): SecretKeys | null {
  const keys = text.split(/[\s,]+/).flatMap((part) => (part === '' ? [] : [parseKey(part)]));
  const valid = keys.filter((key) => key !== null);
  const [current] = valid;
  if (current === undefined || valid.length !== keys.length) return null;
  return { current, all: new Map(valid.map((key) => [key.id, key])) };
}

/** A new key as `KAIT_SECRETS_KEY` takes it: 64 hexadecimal digits. */
export function newSecretKey(): string {
  return randomBytes(32).toString('hex');
}

function parseKey(text: string): SecretKey | null {
  const isHex = /^[\da-f]{64}$/i.test(text);
  if (!isHex && !/^[A-Za-z\d+/_-]{43}=?$/.test(text)) return null;
  const bytes = Buffer.from(text, isHex ? 'hex' : 'base64');
  const id = createHash('sha256').update('kait secrets key').update(bytes).digest('hex').slice(0, 8);
  return bytes.length === 32 ? { id, bytes } : null;
}

/** Seals a text with the current key. `about` says what it belongs to: nobody can move it to another row. */
export function sealText({ current }: SecretKeys, about: string, text: string): SealedText {
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv('aes-256-gcm', current.bytes, iv);
  cipher.setAAD(Buffer.from(about));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return { keyId: current.id, bytes: Buffer.concat([Uint8Array.of(version), iv, cipher.getAuthTag(), sealed]) };
}

/** The text. Throws `KAIT_SECRETS_KEY_UNKNOWN` without its key, and `KAIT_SECRETS_UNREADABLE` if somebody has changed or moved the bytes. */
export function openText(keys: SecretKeys, about: string, { keyId, bytes }: SealedText): string {
  const key = keys.all.get(keyId);
  if (key === undefined) throw keyUnknown(about, keyId);
  const [iv, tag, sealed] = [
    bytes.subarray(1, 1 + ivLength),
    bytes.subarray(1 + ivLength, 1 + ivLength + tagLength),
    bytes.subarray(1 + ivLength + tagLength),
  ];
  if (bytes[0] !== version || tag.length !== tagLength) throw unreadable(about);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, iv, { authTagLength: tagLength });
    decipher.setAAD(Buffer.from(about));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
  } catch (error) {
    throw unreadable(about, error);
  }
}

function keyUnknown(about: string, keyId: string): KaitError {
  const message = `The secrets of ${about} are sealed with the key ${keyId}, which KAIT_SECRETS_KEY does not hold. Add that key behind the current one.`;
  return new KaitError('KAIT_SECRETS_KEY_UNKNOWN', message);
}

function unreadable(about: string, cause?: unknown): KaitError {
  const message = `The secrets of ${about} cannot be opened: somebody has changed them in the database, or moved them there from another row.`;
  return new KaitError('KAIT_SECRETS_UNREADABLE', message, { cause });
}
