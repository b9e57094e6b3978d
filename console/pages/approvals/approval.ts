import type { components } from '../../../cli/api-types.ts';
import type { Tone } from '../../parts/tones.ts';

type Described = components['schemas']['Approval'];
/** The client reads the pairs of `details` as lists of texts. */
export type Approval = Omit<Described, 'details'> & { details: string[][] };

export const approvalTones: Record<string, Tone> = {
  open: 'warn',
  approved: 'ok',
  rejected: 'bad',
  'timed-out': 'bad',
  ended: 'idle',
} satisfies Record<Approval['state'], Tone>;

/** How many of those who have to approve have done so. */
export function approvedBy({ answers }: Pick<Approval, 'answers'>): number {
  return answers.filter(({ approved }) => approved).length;
}
