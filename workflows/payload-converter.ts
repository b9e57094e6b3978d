import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/**
 * How runs read and write payloads: as Temporal does by default, but what cannot be read is undefined. The SDK reads a signal's
 * arguments outside of any handler, so that an error there would fail the run's task forever.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload: ((payload: Payload) => {
    try {
      return defaultPayloadConverter.fromPayload(payload);
    } catch {
      return undefined; // Every reader of something from outside checks what it got.
    }
  }) as PayloadConverter['fromPayload'],
};
