import type { Step } from '../language/definition.ts';

/**
 * Asks the gateway whether the run's event is true, before the definition's own steps: see `gateway.confirm`. No step of a user can
 * have its id. A gateway that is not available is asked for half a day; nothing of it is the definition's to set.
 */
export const confirmStep: Step = {
  id: 'kait:confirm',
  title: 'Does the gateway confirm it?',
  call: 'gateway.confirm',
  with: { source: '{{event.source}}', eventId: '{{event.id}}' },
  timeout: '30s',
  heartbeat: '10s',
  deadline: '2d',
  retry: { attempts: 150, first: '2s', factor: 2, max: '5m', except: ['Unconfirmed'] },
};
