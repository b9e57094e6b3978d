/** A program that verifies a webhook. */
export interface VerifySample {
  language: string;
  /** For a Markdown fence. */
  fence: string;
  /** What it needs, if anything. */
  needs: string;
  code: string;
}

/** The same check in several languages: with a library of Standard Webhooks, or by hand. */
export const verifySamples: readonly VerifySample[] = [
  {
    language: 'JavaScript',
    fence: 'js',
    needs: 'npm install standardwebhooks',
    code: `import { Webhook } from 'standardwebhooks';

// body: the text of the request, before anything parses it
export function receive(body, headers) {
  return new Webhook(process.env.WEBHOOK_SECRET).verify(body, headers); // throws if it is forged or too old
}`,
  },
  {
    language: 'Python',
    fence: 'python',
    needs: 'pip install standardwebhooks',
    code: `import os
from standardwebhooks.webhooks import Webhook

def receive(body: bytes, headers: dict):
    return Webhook(os.environ["WEBHOOK_SECRET"]).verify(body, headers)  # raises if it is forged or too old`,
  },
  {
    language: 'Go',
    fence: 'go',
    needs: 'go get github.com/standard-webhooks/standard-webhooks/libraries',
    code: `wh, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
if err != nil {
	return err
}
return wh.Verify(body, request.Header) // an error if it is forged or too old`,
  },
  {
    language: 'PHP, without a library',
    fence: 'php',
    needs: '',
    code: `function receive(string $body, string $id, string $timestamp, string $signatures): bool {
    if (abs(time() - (int) $timestamp) > 300) return false; // too old
    $key = base64_decode(substr(getenv('WEBHOOK_SECRET'), strlen('whsec_')));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $signatures) as $signature) {
        if (hash_equals($expected, $signature)) return true;
    }
    return false;
}`,
  },
  {
    language: 'Node.js, without a library',
    fence: 'js',
    needs: '',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto';

export function isGenuine(body, headers, secret, nowSeconds = Date.now() / 1000) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!(Math.abs(nowSeconds - Number(timestamp)) < 300)) return false; // too old
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = Buffer.from('v1,' + createHmac('sha256', key).update(id + '.' + timestamp + '.' + body).digest('base64'));
  return signatures.split(' ').some((each) => {
    const given = Buffer.from(each);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}`,
  },
];
