import type { CallStep } from './definition.ts';

/**
 * Asks the gateway whether the run's event is true, before the definition's own steps: see `gateway.confirm`. Users cannot give a
 * step this id. If the gateway is unavailable, Kait retries for half a day. A definition's defaults do not apply.
 */
export const confirmStep: CallStep = {
  id: 'kait:confirm',
  title: 'Does the gateway confirm it?',
  call: 'gateway.confirm',
  with: { source: '{{event.source}}', eventId: '{{event.id}}' },
  timeout: '30s',
  heartbeat: '10s',
  deadline: '2d',
  retry: { attempts: 150, first: '2s', factor: 2, max: '5m', except: ['Unconfirmed'] },
};
