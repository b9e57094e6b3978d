import { parseInstant } from '../instant.ts';
import { parsePointer } from '../json-pointer.ts';
import { compileFirstMatch } from '../match.ts';
import { compilePlace, parsePlace, type ReadPlace } from '../place.ts';
import type { RequestView } from '../request-view.ts';
import type {
  ApiOptions,
  ConfirmCase,
  ConfirmOptions,
  FetchOptions,
  ListedOptions,
  ListOptions,
  OpenOptions,
} from './ask-schema.ts';
import { compileComparison, type Comparison } from './compare-state.ts';
import { compileQuestion, type Question } from './compile-question.ts';
import { askedPlaces, compileAskText, type AskText } from './ask-text.ts';
import { compileNext, type NextPage } from './next-page.ts';

/** The members of a preset that say what the gateway can be asked. */
export interface AskOptions {
  confirm?: ConfirmOptions | undefined;
  fetch?: FetchOptions | undefined;
  list?: ListOptions | undefined;
}

/** What a gateway can be asked, ready for use. Null: nothing of that kind. */
export interface CompiledAsk {
  confirm: { api: ApiOptions; caseOf: (view: RequestView) => CompiledCase | undefined } | null;
  fetch: { api: ApiOptions; question: Question } | null;
  list: CompiledList | null;
}

/** `skip`: nothing needs to be asked about these events. */
export type CompiledCase =
  | { kind: 'skip' }
  | {
      kind: 'ask';
      question: Question;
      /** Where in the answer the thing is. */
      at: string[];
      /** Which member of the list there it is. Null: it is no list. */
      find: { claimed: ReadPlace; confirmed: ReadPlace } | null;
      comparisons: Comparison[];
    };

export type CompiledList =
  | {
      kind: 'list';
      api: ApiOptions;
      question: Question;
      items: string[];
      /** Milliseconds since 1970. Undefined: the list does not say. */
      timeOf: (item: RequestView) => number | undefined;
      next: NextPage | null;
      each: { question: Question; at: string[] } | null;
      headers: { name: string; text: AskText }[];
    }
  | { kind: 'open'; api: ApiOptions; question: Question; at: string[] };

/** Throws only on members that their schema has not checked. */
export function compileAsk({ confirm, fetch, list }: AskOptions): CompiledAsk {
  return {
    confirm: confirm === undefined ? null : compileConfirm(confirm),
    fetch: fetch === undefined ? null : { api: fetch.api, question: compileQuestion(fetch) },
    list: list === undefined ? null : list.kind === 'list' ? compileListed(list) : compileOpen(list),
  };
}

function compileConfirm({ api, cases }: ConfirmOptions): CompiledAsk['confirm'] {
  const first = compileFirstMatch(cases.map((each) => ({ match: each.match, compiled: compileCase(each) })));
  return { api, caseOf: (view) => first(view)?.compiled };
}

function compileCase({ request, token, sign, at = '', find, same }: ConfirmCase): CompiledCase {
  if (request === undefined || same === undefined) return { kind: 'skip' };
  return {
    kind: 'ask',
    question: compileQuestion({ request, token, sign }),
    at: parsePointer(at),
    find:
      find === undefined
        ? null
        : {
            claimed: compilePlace(parsePlace(find.claimed, askedPlaces)),
            confirmed: compilePlace(parsePlace(find.confirmed, ['item'])),
          },
    comparisons: same.map(compileComparison),
  };
}

function compileListed(list: ListedOptions): CompiledList {
  return {
    kind: 'list',
    api: list.api,
    question: compileQuestion(list),
    items: parsePointer(list.items),
    timeOf: compileTime(list.time),
    next: list.next === undefined ? null : compileNext(list.next),
    each:
      list.each === undefined
        ? null
        : { question: compileQuestion({ ...list, request: list.each.request }), at: parsePointer(list.each.at) },
    headers: Object.entries(list.headers).map(([name, template]) => ({
      name: name.toLowerCase(),
      text: compileAskText(template),
    })),
  };
}

function compileTime(time: ListedOptions['time']): (item: RequestView) => number | undefined {
  if (time === undefined) return () => undefined;
  const read = compilePlace(parsePlace(time.from, ['item']));
  return (item) => {
    const text = read(item);
    return text === undefined ? undefined : parseInstant(text, time.format, time.zone);
  };
}

function compileOpen(list: OpenOptions): CompiledList {
  return { kind: 'open', api: list.api, question: compileQuestion(list), at: parsePointer(list.at) };
}
