import { describe, expect, it } from 'vitest';
import type { SentRequest } from '../../../../http/send-request.ts';
import { askGateway } from '../../../../server/gateway/ask/ask-gateway.ts';
import { type AskSource, mountAskSources } from '../../../../server/gateway/ask/ask-source.ts';
import type { Question } from '../../../../server/gateway/ask/compile-question.ts';
import { createTokenCache } from '../../../../server/gateway/ask/token-cache.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import { readSources } from '../../../../server/gateway/sources.ts';
import { presetWith } from '../gateways.ts';

const key = '1179000899123:s3cr3t/Pa55';
const api = { live: 'https://api.acme.example' };
const request = { url: '{api}/payments/1', headers: { authorization: 'Basic {basic}' } };
const presets = new Map([['plain', presetWith({ fetch: { api, into: '/thing', request } })]]);

function sourceWith(lookupSecret: () => string): AskSource {
  const sourcesText = JSON.stringify({ shop: { gateway: 'plain', secrets: ['S'] } });
  const entries = readSources({ presets, sourcesText, file: 'sources.json' });
  return mountAskSources({ entries, presets, lookupSecret }).get('shop')!;
}

/** Asks with the key, and resolves to what is kept of the answer. */
async function answerTo(body: string, status = 200): Promise<unknown> {
  const send = (): Promise<SentRequest> =>
    Promise.resolve({ kind: 'answered', status, headers: {}, body: Buffer.from(body), bodyComplete: true });
  const deps = { send, nowMs: () => 0, userAgent: 'Kait/test', tokens: createTokenCache() };
  const view = createRequestView(
    { method: 'POST', url: '/', headers: {}, body: Buffer.from('{}') },
    { format: 'json', encoding: 'text' },
  );
  const source = sourceWith(() => key);
  const { question } = source.ask.fetch!.caseOf(view) as { question: Question }; // The preset's only one.
  const { signal } = new AbortController();
  const answer = await askGateway(deps, question, { source, api, view, signal });
  return answer.kind === 'answered' ? answer.view.body().document : answer;
}

describe('a gateway’s answer', () => {
  it('keeps nothing of the key but the user, who may be the account that was paid', async () => {
    const basic = Buffer.from(key).toString('base64');
    const echo = { va: '1179000899123', amount: 1179, said: `${basic} s3cr3t\\/Pa55`, bytes: [...Buffer.from(key)] };
    expect(await answerTo(JSON.stringify(echo))).toEqual({
      ...echo,
      said: '[secret] [secret]',
      bytes: Array(25).fill('[secret]'),
    });
  });

  it('that nests too deeply to be searched says nothing', async () => {
    const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(await answerTo(body)).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('without JSON'),
    });
  });
});
