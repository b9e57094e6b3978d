import { ServiceError, type ActivityOptions } from '@temporalio/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createStartDelivery } from '../../../activities/outbound/start-delivery.ts';

const delivery = {
  id: 'dlv_1',
  endpoint: 'ep_1',
  url: 'https://shop.example:8443/hook?key=hidden',
  type: 'order.created',
  replayed: false,
};

describe('starting a delivery', () => {
  afterEach(() => vi.useRealTimers());

  it('asks Temporal for one activity without a limit to its attempts or its time, and 45 s for each attempt', async () => {
    const asked: [string, ActivityOptions][] = [];
    const client = { start: (name: string, options: ActivityOptions) => Promise.resolve(asked.push([name, options])) };
    await createStartDelivery({ client, installation: 'kait-test' })(delivery);
    expect(asked).toMatchObject([
      [
        'outbound.deliver',
        {
          id: 'kait-test/delivery/dlv_1',
          idReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          taskQueue: 'kait-test-deliveries',
          args: [{ deliveryId: 'dlv_1' }],
          startToCloseTimeout: 45_000,
          retry: { initialInterval: '10 seconds', backoffCoefficient: 2, maximumInterval: '5 minutes' },
          priority: { fairnessKey: 'ep_1' },
          summary: 'order.created to shop.example:8443',
        },
      ],
    ]);
    expect(asked[0]?.[1]).not.toHaveProperty('scheduleToCloseTimeout');
    expect(asked[0]?.[1].retry).not.toHaveProperty('maximumAttempts');
  });

  it('may start one that somebody has sent again although it was delivered before', async () => {
    const asked: ActivityOptions[] = [];
    const client = { start: (_: string, options: ActivityOptions) => Promise.resolve(asked.push(options)) };
    await createStartDelivery({ client, installation: 'kait-test' })({ ...delivery, replayed: true });
    expect(asked).toMatchObject([{ id: 'kait-test/delivery/dlv_1', idReusePolicy: 'ALLOW_DUPLICATE' }]);
  });

  it('refuses a delivery whose URL is invalid, and does not repeat the URL', async () => {
    const client = { start: () => Promise.resolve() };
    const starting = createStartDelivery({ client, installation: 'kait-test' });
    expect(await starting({ ...delivery, url: 'shop.example/hook?key=hidden' })).toEqual({
      ...{ kind: 'refused', reason: "The endpoint's URL is invalid", certain: true },
    });
  });

  it('refuses a delivery that Temporal will never take', async () => {
    const cause = Object.assign(new Error('3 INVALID_ARGUMENT: Blob data size exceeds limit.'), {
      ...{ code: 3, details: 'Blob data size exceeds limit.', metadata: {} },
    });
    const client = { start: () => Promise.reject(new ServiceError('Failed to start activity', { cause })) };
    const starting = createStartDelivery({ client, installation: 'kait-test' });
    expect(await starting(delivery)).toMatchObject({ kind: 'refused', certain: true });
  });

  it('does not wait for a Temporal that does not answer', async () => {
    vi.useFakeTimers();
    const client = { start: () => new Promise(() => undefined) };
    const starting = createStartDelivery({ client, installation: 'kait-test' })(delivery);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await starting).toEqual({ kind: 'unavailable', reason: 'Temporal did not answer within 10000 ms' });
  });
});
