import { describe, expect, it } from 'vitest';
import { addCommand, type Gateway, suggested, variableOf } from '../../console/pages/sources/add-command.ts';
import { headOf } from '../../console/pages/sources/pasted.ts';
import { stateOf } from '../../console/pages/sources/source-state.tsx';

const gateway: Gateway = {
  needs: 'secrets',
  ...{ name: 'stripe', title: 'Stripe', settings: [], confirm: null, docs: [], samples: [] },
  setup: { where: 'Webhooks', steps: [], secret: 'whsec_…' },
};

describe('the command that adds a source', () => {
  it('names the first free name and the usual variable', () => {
    const chosen = suggested(gateway, ['stripe', 'stripe-2']);
    expect(variableOf(gateway, chosen)).toBe('STRIPE_3_WEBHOOK_SECRET');
    expect(addCommand(gateway, chosen)).toBe(
      'kait sources add stripe-3 --gateway stripe \\\n  --secret STRIPE_3_WEBHOOK_SECRET',
    );
  });

  it('says only what differs from what is usual', () => {
    const asking = { ...gateway, confirm: { level: 'required' as const, why: 'Unsigned.' } };
    expect(addCommand(asking, suggested(asking, []))).not.toContain('confirm');
    expect(addCommand(asking, { ...suggested(asking, []), confirm: false, isSandbox: true })).toContain(
      '--sandbox \\\n  --no-confirm',
    );
  });

  it('quotes what a shell would read otherwise', () => {
    const asking = { ...gateway, settings: [{ name: 'webhookId', about: '', optional: false }] };
    const chosen = { ...suggested(asking, []), settings: { webhookId: `8'; rm -rf / #` } };
    expect(addCommand(asking, chosen)).toContain(`--set 'webhookId=8'\\''; rm -rf / #'`);
  });

  it('names the id of the key for a gateway that gives its keys ids', () => {
    const asking = { ...gateway, name: 'klarna', needs: 'keyring' as const };
    const chosen = suggested(asking, []);
    expect(addCommand(asking, chosen)).toContain(`--key '<id>=KLARNA_KEY'`);
    expect(addCommand(asking, { ...chosen, keyId: ' krn:partner:7 ' })).toBe(
      'kait sources add klarna --gateway klarna \\\n  --key krn:partner:7=KLARNA_KEY',
    );
  });

  it('names no variable where there is no secret', () => {
    const asking = { ...gateway, needs: 'nothing' as const };
    expect(addCommand(asking, suggested(asking, []))).toBe('kait sources add stripe --gateway stripe');
  });
});

describe('what is pasted as headers', () => {
  it.each([
    [
      'A: 1\r\nb:2\n\n',
      [
        { name: 'A', value: '1' },
        { name: 'b', value: '2' },
      ],
      null,
    ],
    ['POST /in/x?y=1 HTTP/1.1\nHost: a', [{ name: 'Host', value: 'a' }], '/in/x?y=1'],
    ['POST https://a.example/in/x?y=1', [], '/in/x?y=1'],
    [
      `-H 'X-A: it is: 1' \\\n--header "X-B: 2"`,
      [
        { name: 'X-A', value: 'it is: 1' },
        { name: 'X-B', value: '2' },
      ],
      null,
    ],
    [
      '{"x-a": "1", "x-b": 2}',
      [
        { name: 'x-a', value: '1' },
        { name: 'x-b', value: '2' },
      ],
      null,
    ],
    ['X-A: 1\n  and more', [{ name: 'X-A', value: '1 and more' }], null],
  ])('%j is read', (text, headers, url) => {
    expect(headOf(text)).toEqual({ headers, url, unread: [] });
  });

  it('tells which lines are no headers', () => {
    expect(headOf('no header\nA: 1')).toEqual({
      headers: [{ name: 'A', value: '1' }],
      url: null,
      unread: ['no header'],
    });
  });
});

describe('the state of a source', () => {
  const source = {
    ...{ name: 'stripe', gateway: 'stripe', title: 'Stripe', problem: null, url: null, secrets: 'set' as const },
    ...{ secretFaults: [], warnings: [], test: false, confirm: false, canSign: true, rejectedLastHour: 0 },
    ...{ lastEventAt: '2026-11-28T12:00:00Z', lastRejection: null, silence: null },
  };
  const lastRejection = { at: '2026-11-28T12:30:00Z', reason: 'wrong-signature', hint: '' };
  it.each([
    [{}, 'ok'],
    [{ lastEventAt: null }, 'waiting'],
    [{ problem: 'x', secrets: 'missing' as const }, 'unmounted'],
    [{ secrets: 'faulty' as const }, 'secrets'],
    [{ rejectedLastHour: 3, lastRejection }, 'rejects'],
    [{ rejectedLastHour: 3, lastRejection, lastEventAt: '2026-11-28T12:31:00Z' }, 'ok'],
    [{ silence: { last: '2026-11-28T12:00:00Z', longestPauseSeconds: 60 } }, 'silent'],
  ])('with %j is %s', (changed, expected) => {
    expect(stateOf({ ...source, ...changed })).toBe(expected);
  });
});
