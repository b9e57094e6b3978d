import type { components } from '../../../cli/api-types.ts';
import type { Tone } from '../../parts/tones.ts';

export const queueTones: Record<components['schemas']['Status']['taskQueues'][number]['state'], Tone> = {
  served: 'ok',
  unserved: 'bad',
  unknown: 'idle',
};

export const originTones: Record<'default' | 'environment' | 'env-file' | 'file', Tone> = {
  default: 'idle',
  environment: 'run',
  'env-file': 'run',
  file: 'run',
};
