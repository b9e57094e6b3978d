import type { Mocks } from '../../simulator/mocks.ts';
import type { GeneratedDefinition } from './arbitrary-definition.ts';

/** A generated definition's answers as the simulator takes them. */
export function mocksOf(answers: GeneratedDefinition['answers']): Mocks {
  return Object.fromEntries(
    Object.entries(answers).map(([id, answer]) => [
      id,
      answer === 'declined'
        ? { error: { type: 'CardDeclined', message: 'no money', retryable: false } }
        : { result: answer.value },
    ]),
  );
}
