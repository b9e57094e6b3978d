import { compileMatch } from '../match.ts';
import { compileSelector, parseSelector } from '../selector.ts';
import { type RequestView, headerText } from '../request-view.ts';
import type { NextOptions } from './ask-schema.ts';

/**
 * Returns the address of the page after `url`, or undefined after the last one. `answer` is the answer to `url`; its `item()`
 * is the last item. The address is always on the same host, because the API key is sent there.
 */
export type NextPage = (url: string, answer: RequestView) => string | undefined;

export function compileNext(options: NextOptions): NextPage {
  switch (options.by) {
    case 'cursor': {
      const read = compileSelector(parseSelector(options.from, ['json', 'item']));
      const goesOn = compileMatch(options.while ?? {});
      return (url, answer) => {
        const cursor = goesOn(answer) ? (read(answer) ?? '') : '';
        return cursor === '' ? undefined : withParameter(url, options.parameter, cursor);
      };
    }
    case 'url': {
      const read = compileSelector(parseSelector(options.from, ['json']));
      return (url, answer) => sameHost(url, read(answer));
    }
    case 'link':
      return (url, answer) => sameHost(url, nextLink(headerText(answer.request, 'link') ?? ''));
    case 'page':
      return (url) => {
        const page = Number(new URL(url).searchParams.get(options.parameter) ?? options.first);
        return withParameter(url, options.parameter, String(page + 1));
      };
  }
}

function withParameter(url: string, name: string, value: string): string {
  const next = new URL(url);
  next.searchParams.set(name, value);
  return next.href;
}

function sameHost(url: string, next: string | undefined): string | undefined {
  if (next === undefined || !URL.canParse(next, url)) return undefined;
  const resolved = new URL(next, url);
  return resolved.origin === new URL(url).origin ? resolved.href : undefined;
}

/** `<https://api.example.com/orders?page=2>; rel="next"` (RFC 8288), among others. */
function nextLink(header: string): string | undefined {
  const links = header.slice(0, 8_192).split(/,\s*(?=<)/);
  const next = links.find((link) => /;\s*rel="?next"?\s*(?:;|$)/i.test(link));
  return next === undefined ? undefined : /^\s*<([^>]*)>/.exec(next)?.[1];
}
