import { parseInstant } from '../instant.ts';
import { parsePointer } from '../json-pointer.ts';
import { compileFirstMatch, compileMatch } from '../match.ts';
import { compileSelector, parseSelector, type ReadText } from '../selector.ts';
import type { RequestView } from '../request-view.ts';
import type {
  ApiOptions,
  ConfirmCase,
  ConfirmOptions,
  FetchCase,
  FetchOptions,
  ListedOptions,
  ListOptions,
  OpenOptions,
} from './ask-schema.ts';
import { compileComparison, type Comparison } from './compare-state.ts';
import { compileQuestion, type Question } from './compile-question.ts';
import { askedSelectors, compileAskText, type AskText } from './ask-text.ts';
import { compileNext, type NextPage } from './next-page.ts';

/** The members of a preset about asking the gateway. */
export interface AskOptions {
  confirm?: ConfirmOptions | undefined;
  fetch?: FetchOptions | undefined;
  list?: ListOptions | undefined;
}

/** The questions of a preset, ready for use. Null: there is no such question. */
export interface CompiledAsk {
  confirm: { api: ApiOptions; caseOf: (view: RequestView) => CompiledCase | undefined } | null;
  fetch: CompiledFetch | null;
  list: CompiledList | null;
}

/** `skip`: these events need no question. */
export type CompiledCase =
  | { kind: 'skip' }
  | {
      kind: 'ask';
      question: Question;
      /** Where the thing is in the answer. */
      at: string[];
      /** How to find the thing in a list. Null: there is no list. */
      find: { claimed: ReadText; confirmed: ReadText; isWhole: (answer: RequestView) => boolean } | null;
      comparisons: Comparison[];
    };

export interface CompiledFetch {
  api: ApiOptions;
  /** The member of the event that the answer becomes. Null: the answer is the event. */
  into: string | null;
  caseOf: (view: RequestView) => FetchedCase | undefined;
}

/** `skip`: nothing is asked about these webhooks, and `reason` says why. `at` is where the thing is in the answer. */
export type FetchedCase = { kind: 'skip'; reason: string } | { kind: 'ask'; question: Question; at: string[] };

export type CompiledList =
  | {
      kind: 'list';
      api: ApiOptions;
      question: Question;
      items: string[];
      /** Milliseconds since 1970. Undefined if the list does not tell. */
      timeOf: (item: RequestView) => number | undefined;
      next: NextPage | null;
      each: { question: Question; at: string[] } | null;
      headers: { name: string; text: AskText }[];
    }
  | { kind: 'open'; api: ApiOptions; question: Question; at: string[] };

/** Throws only for members that their schema has not checked. */
export function compileAsk({ confirm, fetch, list }: AskOptions): CompiledAsk {
  return {
    confirm: confirm === undefined ? null : compileConfirm(confirm),
    fetch: fetch === undefined ? null : compileFetch(fetch),
    list: list === undefined ? null : list.kind === 'list' ? compileListed(list) : compileOpen(list),
  };
}

function compileFetch(fetch: FetchOptions): CompiledFetch {
  const { api, into, request, token, sign, answer, at } = fetch;
  const { cases = [{ request, token, sign, answer, at }] } = fetch;
  const first = compileFirstMatch(
    cases.map((each: FetchCase) => ({ match: each.match, compiled: compileFetchCase(each) })),
  );
  return { api, into: into?.slice(1) ?? null, caseOf: (view) => first(view)?.compiled };
}

function compileFetchCase({ skip, request, token, sign, answer, at }: FetchCase): FetchedCase {
  if (request === undefined) return { kind: 'skip', reason: skip ?? 'nothing is asked' };
  const path = parsePointer(at);
  return { kind: 'ask', question: compileQuestion({ request, token, sign, answer }, path), at: path };
}

function compileConfirm({ api, cases }: ConfirmOptions): CompiledAsk['confirm'] {
  const first = compileFirstMatch(cases.map((each) => ({ match: each.match, compiled: compileCase(each) })));
  return { api, caseOf: (view) => first(view)?.compiled };
}

function compileCase({ request, token, sign, answer, at = '', find, same }: ConfirmCase): CompiledCase {
  if (request === undefined || same === undefined) return { kind: 'skip' };
  return {
    kind: 'ask',
    question: compileQuestion({ request, token, sign, answer }, parsePointer(at)),
    at: parsePointer(at),
    find:
      find === undefined
        ? null
        : {
            claimed: compileSelector(parseSelector(find.claimed, askedSelectors)),
            confirmed: compileSelector(parseSelector(find.confirmed, ['item'])),
            isWhole: compileMatch(find.whole ?? {}),
          },
    comparisons: same.map(compileComparison),
  };
}

function compileListed(list: ListedOptions): CompiledList {
  return {
    kind: 'list',
    api: list.api,
    question: compileQuestion(list, parsePointer(list.items)),
    items: parsePointer(list.items),
    timeOf: compileTime(list.time),
    next: list.next === undefined ? null : compileNext(list.next),
    each:
      list.each === undefined
        ? null
        : {
            question: compileQuestion({ ...list, answer: undefined, request: list.each.request }),
            at: parsePointer(list.each.at),
          },
    headers: Object.entries(list.headers).map(([name, template]) => ({
      name: name.toLowerCase(),
      text: compileAskText(template),
    })),
  };
}

function compileTime(time: ListedOptions['time']): (item: RequestView) => number | undefined {
  if (time === undefined) return () => undefined;
  const read = compileSelector(parseSelector(time.from, ['item']));
  return (item) => {
    const text = read(item);
    return text === undefined ? undefined : parseInstant(text, time.format, time.zone);
  };
}

function compileOpen(list: OpenOptions): CompiledList {
  const at = parsePointer(list.at);
  return { kind: 'open', api: list.api, question: compileQuestion(list, at), at };
}

/** The members of a source that are about asking its gateway. */
interface AskedSource {
  /** Undefined: the preset’s level decides. */
  confirm?: boolean | undefined;
  reconcile?: unknown;
  environment: 'live' | 'sandbox';
  apiUrl?: string | undefined;
  apiKey?: string | undefined;
  secrets: readonly string[];
}

/** What a source asks for and its preset cannot do, or what is missing for it. */
export function askProblems(
  entry: AskedSource,
  { title, apiKeyIsSecret, confirm, fetch, list }: AskOptions & { title: string; apiKeyIsSecret: boolean },
): { path: string[]; message: string }[] {
  // Without a key for what is on by default, Kait starts and says what is missing.
  const byDefault = entry.confirm === undefined && confirm?.level === 'required';
  const wanted = [
    ...(entry.confirm || byDefault ? [{ path: 'confirm', what: 'whether an event is true', question: confirm }] : []),
    ...(entry.reconcile === undefined ? [] : [{ path: 'reconcile', what: 'for missing events', question: list }]),
    // Without a key, events are read as they are.
    ...(fetch === undefined || (fetch.into !== undefined && entry.apiKey === undefined)
      ? []
      : [{ path: 'apiKey', what: 'what a webhook is about', question: fetch }]),
  ];
  if (wanted.length === 0) return [];
  const unknown = wanted.filter(({ question }) => question === undefined);
  const apis = wanted.flatMap(({ question }) => (question === undefined ? [] : [question.api[entry.environment]]));
  const hasKey = entry.apiKey !== undefined || (apiKeyIsSecret && entry.secrets.length > 0);
  const isExplicit = !byDefault || wanted.length > 1;
  const noKey = `Kait has to ask ${title}: expected the variable of an API key`;
  const noApi = `the preset has no API address of ${title} for ${entry.environment}: expected one`;
  return [
    ...unknown.map(({ path, what }) => ({ path: [path], message: `the preset cannot ask ${title} ${what}` })),
    ...(apis.length > 0 && isExplicit && !hasKey ? [{ path: ['apiKey'], message: noKey }] : []),
    ...(entry.apiUrl === undefined && apis.includes(undefined) ? [{ path: ['apiUrl'], message: noApi }] : []),
  ];
}
