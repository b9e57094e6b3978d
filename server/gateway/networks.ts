import { z } from 'zod';
import { isNetwork } from '../../is-network.ts';

/** A network such as 10.0.0.0/8, or a single address. */
export const networkSchema = z.string().refine(isNetwork, 'expected an address or a network such as 10.0.0.0/8');
