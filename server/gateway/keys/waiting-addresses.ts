/** Addresses of unknown keys whose turn has not come. */
export interface WaitingAddresses<Asker extends { sender: string }> {
  /** Adds an address that a sender has named. If there is no room, one that was chosen at random has to go. */
  add(address: string, asker: Asker): void;
  /**
   * Takes a random address of a random sender. So a sender gains nothing by naming many addresses, and nobody can tell which one
   * comes next. Undefined if there is none.
   */
  take(): { address: string; asker: Asker } | undefined;
  size(): number;
}

/** For each sender. A gateway has one or two certificates at a time. */
const mostPerSender = 16;
const mostInAll = 512;
/** An address that nobody names again is given up. Gateways send again within minutes or hours. */
const keepMs = 10 * 60 * 1000;

export function createWaitingAddresses<Asker extends { sender: string }>(deps: {
  now: () => number;
  /** From 0 to below 1. */
  random: () => number;
}): WaitingAddresses<Asker> {
  const bySender = new Map<string, Map<string, { asker: Asker; until: number }>>();
  let count = 0;
  const pick = <Item>(items: Iterable<Item>): Item | undefined => {
    const all = [...items];
    return all[Math.floor(deps.random() * all.length)];
  };

  function remove(sender: string, address: string): void {
    const own = bySender.get(sender);
    if (own?.delete(address) !== true) return;
    count -= 1;
    if (own.size === 0) bySender.delete(sender);
  }

  function forgetOld(): void {
    const now = deps.now();
    for (const [sender, own] of bySender) {
      for (const [address, { until }] of own) if (until <= now) remove(sender, address);
    }
  }

  function removeOneOf(sender: string): void {
    const address = pick(bySender.get(sender)?.keys() ?? []);
    if (address !== undefined) remove(sender, address);
  }

  function senderOfMost(): string {
    const [most] = [...bySender].reduce((one, other) => (other[1].size > one[1].size ? other : one));
    return most;
  }

  return {
    add(address, asker) {
      const { sender } = asker;
      const own = bySender.get(sender);
      if (own?.has(address) !== true) {
        if ((own?.size ?? 0) >= mostPerSender) removeOneOf(sender);
        else if (count >= mostInAll) removeOneOf(senderOfMost());
        count += 1;
      }
      const kept = bySender.get(sender) ?? new Map<string, { asker: Asker; until: number }>();
      bySender.set(sender, kept.set(address, { asker, until: deps.now() + keepMs }));
    },
    take() {
      forgetOld();
      const own = pick(bySender.values());
      const picked = pick(own ?? []);
      if (picked === undefined) return undefined;
      const [address, { asker }] = picked;
      for (const sender of [...bySender.keys()]) remove(sender, address);
      return { address, asker };
    },
    size: () => count,
  };
}
