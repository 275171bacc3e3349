import { ENODEV } from '../../base/errno.js';
import { ClientError } from '../../client/client-error.js';
import type { CommandEnvironment } from '../../client/command.js';
import { NetlinkClient } from '../../client/netlink-client.js';
import { RTM_GETLINK } from '../../netlink/rtnl/constants.js';
import { linkMessage } from '../../netlink/rtnl/link/link.js';

export interface NamedDevice {
  readonly index: number;
  /** Empty: the device has none. */
  readonly linkAddress: Uint8Array;
}

/** The devices of these names. Throws ClientError(ENODEV) where one is missing. */
export async function devicesByName(
  env: Pick<CommandEnvironment, 'transport'>,
  names: ReadonlySet<string>,
): Promise<Map<string, NamedDevice>> {
  const found = new Map<string, NamedDevice>();
  const client = await NetlinkClient.open(await env.transport());
  try {
    for await (const message of client.dump(linkMessage, { type: RTM_GETLINK })) {
      const { header, attributes } = linkMessage.parse(message);
      const { ifname, address } = attributes;
      if (ifname !== undefined && names.has(ifname))
        found.set(ifname, { index: header.index, linkAddress: address?.slice() ?? new Uint8Array(0) });
    }
  } finally {
    client.close();
  }
  for (const name of names) if (!found.has(name)) throw new ClientError(ENODEV, `cannot find device "${name}"`);
  return found;
}
