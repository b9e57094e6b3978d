import type { AskOptions } from './compile-ask.ts';

/** What a source says about asking its gateway. */
export interface AskedSource {
  confirm: boolean;
  reconcile?: unknown;
  environment: 'live' | 'sandbox';
  apiUrl?: string | undefined;
  apiKey?: string | undefined;
  secrets: readonly string[];
}

/** What a source wants of its gateway that the preset cannot ask, or for which something is missing. */
export function askProblems(
  entry: AskedSource,
  { title, apiKeyIsSecret, confirm, fetch, list }: AskOptions & { title: string; apiKeyIsSecret: boolean },
): { path: string[]; message: string }[] {
  const wanted = [
    ...(entry.confirm ? [{ path: 'confirm', what: 'whether an event is true', question: confirm }] : []),
    ...(entry.reconcile === undefined
      ? []
      : [{ path: 'reconcile', what: 'which events did not arrive', question: list }]),
    ...(fetch === undefined ? [] : [{ path: 'apiKey', what: 'what its webhooks are about', question: fetch }]),
  ];
  if (wanted.length === 0) return [];
  const unknown = wanted.filter(({ question }) => question === undefined);
  const apis = wanted.flatMap(({ question }) => (question === undefined ? [] : [question.api[entry.environment]]));
  return [
    ...unknown.map(({ path, what }) => ({
      path: [path],
      message: `the preset does not know how to ask ${title} ${what}`,
    })),
    ...(apis.length > 0 && entry.apiKey === undefined && !(apiKeyIsSecret && entry.secrets.length > 0)
      ? [{ path: ['apiKey'], message: `${title} has to be asked: expected a variable with the API key` }]
      : []),
    ...(entry.apiUrl === undefined && apis.includes(undefined)
      ? [
          {
            path: ['apiUrl'],
            message: `the preset knows no API of ${title} for ${entry.environment}: expected its address`,
          },
        ]
      : []),
  ];
}
