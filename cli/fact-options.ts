import type { Command } from 'commander';

/** What events and runs are searched by. */
export interface FactOptions {
  order?: string;
  payment?: string;
  customer?: string;
  amount?: string;
  currency?: string;
}

/** Adds the options of a list by which people search. */
export function withFacts(command: Command): Command {
  return command
    .option('--order <number>', "about this order: the merchant's reference")
    .option('--payment <id>', "about this payment: the gateway's id")
    .option('--customer <email>', 'about this customer')
    .option('--amount <amount>', "about this amount: 'IDR 2,000,000.00', or 2000000 with --currency")
    .option('--currency <code>', 'about money in this currency');
}
