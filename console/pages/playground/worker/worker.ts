import { createAnswerer } from './answer.ts';
import type { Question, Reply } from './protocol.ts';

/*
 * The checker and the simulator beside the page, so that a definition that never ends cannot freeze it.
 */

const answer = createAnswerer();

self.addEventListener('message', ({ data }: MessageEvent<Question>) => {
  const { id } = data;
  const reply = (what: Reply) => self.postMessage(what);
  answer(data).then(
    (found) => reply({ id, answer: found }),
    (error: unknown) => reply({ id, error: error instanceof Error ? error.message : String(error) }),
  );
});
