import { EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { Command } from '../netlink/genl/tapstack.js';
import { TapstackFamily } from './tapstack-family.js';
import type { Transport } from './transport.js';

/** What `ip tunnel` has no netlink message for: the routers of ISATAP links. */
export interface TunnelPort {
  /** An ioctl of linux/if_tunnel.h: its struct goes there and comes back as the kernel left it. Throws NetError. */
  ioctl(device: string, request: number, data: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

/** By ioctl where the kernel is driven, else by the stack's own family; `namespace` by its name. */
export async function openTunnelPort(transport: Transport, namespace: string | undefined): Promise<TunnelPort> {
  if (transport.target === 'kernel') {
    if (transport.tunnels === undefined) throw new NetError(EOPNOTSUPP);
    return transport.tunnels(namespace);
  }
  const family = await TapstackFamily.open(transport, namespace);
  return {
    ioctl: async (name, type, data) => (await family.get(Command.TUNNEL, { name, type, data })).data ?? data,
    close: () => family.close(),
  };
}
