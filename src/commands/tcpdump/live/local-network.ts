import type { CommandIo } from '../../../client/command.js';
import { NetlinkClient } from '../../../client/netlink-client.js';
import type { Transport } from '../../../client/transport.js';
import { AF_INET } from '../../../netlink/constants.js';
import { RTM_GETADDR } from '../../../netlink/rtnl/constants.js';
import { addressMessage } from '../../../netlink/rtnl/address.js';
import { ipv4Mask, readIpv4 } from '../../../wire/ipv4-address.js';
import type { LocalNetwork } from '../names.js';
import type { CaptureDevice } from './devices.js';

/** Without -f, and on "any": no address is foreign. */
export const EVERYWHERE: LocalNetwork = { address: 0, mask: 0 };

/** -f: the network of a device's first IPv4 address; without one, a warning, and no address is foreign. pcap_lookupnet() */
export async function localNetwork(device: CaptureDevice, transport: Transport, io: CommandIo): Promise<LocalNetwork> {
  if (device.index === 0) return EVERYWHERE;
  const client = await NetlinkClient.open(transport);
  let local: LocalNetwork | null = null;
  try {
    for await (const message of client.dump(addressMessage, { type: RTM_GETADDR, header: { family: AF_INET }, attributes: {} })) {
      const { header, attributes } = addressMessage.parse(message);
      if (header.index !== device.index || local !== null || attributes.local === undefined) continue;
      const mask = ipv4Mask(header.prefixlen);
      local = { address: (readIpv4(attributes.local) & mask) >>> 0, mask };
    }
  } finally {
    client.close();
  }
  if (local === null) await io.stderr.write(`tcpdump: WARNING: foreign (-f) flag used but: ${device.name}: no IPv4 address assigned\n`);
  return local ?? EVERYWHERE;
}
