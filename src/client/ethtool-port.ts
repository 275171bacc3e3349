import { EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { Command } from '../netlink/genl/tapstack.js';
import { TapstackFamily } from './tapstack-family.js';
import type { Transport } from './transport.js';

/** What ethtool has no netlink message for. */
export interface EthtoolPort {
  /** ioctl(SIOCETHTOOL): a struct of linux/ethtool.h goes there and comes back as the kernel left it. Throws NetError. */
  ioctl(device: string, request: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

/** By ioctl where the kernel is driven, else by the stack's own family. */
export async function openEthtoolPort(transport: Transport): Promise<EthtoolPort> {
  if (transport.target === 'kernel') {
    if (transport.ethtool === undefined) throw new NetError(EOPNOTSUPP);
    return transport.ethtool();
  }
  const family = await TapstackFamily.open(transport);
  return {
    ioctl: async (name, data) => (await family.get(Command.ETHTOOL, { name, data })).data ?? data,
    close: () => family.close(),
  };
}
