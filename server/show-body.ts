import type { Json } from '../language/json.ts';
import { numbersKeptAsText } from '../language/parse-json.ts';
import { sha256Hex } from './gateway/event-value.ts';
import { parsePointer, valueAt } from './gateway/json-pointer.ts';
import type { CompiledPreset } from './gateway/presets.ts';
import { readBody } from './gateway/read-body.ts';

interface StoredBody {
  body: Buffer;
  contentType: string;
  /** Which event of the body. */
  item: number;
}

/** What a person may see of a stored body. */
interface ShownBody {
  contentType: string;
  bytes: number;
  sha256: string;
  /** How many events it holds. Null if it cannot be taken apart. */
  items: number | null;
  /** Which of them this is, from 0. */
  item: number;
  /** JSON pointers into `data`: numbers beyond 2^53, which are texts there so that no digit is lost. At most twenty. */
  numbersAsText: string[];
  /** Why `data` is not shown. Null if it is. */
  hidden: string | null;
  /** The first bytes as text. Null unless they were asked for and `data` is hidden. */
  raw: string | null;
}

/** What taking a body apart needs of a preset. */
type ReadsBodies = Pick<CompiledPreset, 'body' | 'items' | 'redact' | 'batch' | 'itemPointer'>;

/** The bodies of the events that Kait itself makes. */
export const ownBodies: ReadsBodies = {
  body: { format: 'json', encoding: 'text' },
  items: (document) => [document],
  redact: (item) => item,
  batch: false,
  itemPointer: () => '',
};

/** Enough to recognize what somebody sent. */
const rawBytes = 512;

/**
 * The event's native data without what its preset redacts. If the body cannot be taken apart, nothing can be redacted from it, and so
 * only its form is shown; `raw` adds the first bytes as they are. `preset` is undefined if the gateway has none any more.
 */
export function showBody(
  preset: ReadsBodies | undefined,
  { body, contentType, item }: StoredBody,
  { raw }: { raw: boolean },
): { data: Json; body: ShownBody } {
  const read = preset === undefined ? undefined : readBody(body, contentType, preset.body);
  const items = read?.document === undefined ? undefined : preset?.items(read.document);
  const found = items?.[item];
  const hidden = found === undefined ? whyHidden(preset, read?.unreadable) : null;
  const data = found === undefined || preset === undefined ? null : preset.redact(found);
  const at = preset?.batch === true ? preset.itemPointer(item) : '';
  return {
    data,
    body: {
      contentType,
      bytes: body.length,
      sha256: sha256Hex(body),
      items: items?.length ?? null,
      item,
      numbersAsText: hidden === null ? numbersAsText(body.toString('utf8'), at, data) : [],
      hidden,
      raw: raw && hidden !== null ? body.subarray(0, rawBytes).toString('utf8') : null,
    },
  };
}

/** Those of the item at a pointer, and only what its data still has. */
function numbersAsText(text: string, at: string, data: Json): string[] {
  const own = numbersKeptAsText(text).filter((pointer) => pointer.startsWith(`${at}/`));
  const inData = own.map((pointer) => pointer.slice(at.length));
  return inData.filter((pointer) => typeof valueAt(data, parsePointer(pointer)) === 'string').slice(0, 20);
}

function whyHidden(preset: ReadsBodies | undefined, unreadable: string | undefined): string {
  if (preset === undefined) return 'its gateway has no preset any more, which would say what to redact';
  return `it cannot be taken apart (${unreadable ?? 'no-items'}), so that nothing can be redacted from it`;
}
