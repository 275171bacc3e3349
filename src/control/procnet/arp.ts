import { NUD_VALID, type Neighbour } from '../../net/core/neighbour.js';
import { AF_INET } from '../../netlink/constants.js';
import { NUD_NOARP, NUD_PERMANENT } from '../../netlink/rtnl/constants.js';
import { formatIpv4 } from '../../wire/ipv4-address.js';
import { formatMac } from '../../wire/mac-address.js';
import type { ProcNetView } from './view.js';

// linux/if_arp.h
const ATF_COM = 0x02;
const ATF_PERM = 0x04;
const ATF_PUBL = 0x08;

const HEAD = 'IP address       HW type     Flags       HW address            Mask     Device\n';

/** /proc/net/arp: neighbours, then the addresses answered for others. Linux: arp_seq_show() */
export const arp: ProcNetView = {
  path: 'arp',
  text(namespace) {
    let text = HEAD;
    for (const table of namespace.neighbourTables) {
      if (table.family !== AF_INET) continue;
      // Entries that are no more than a state without ARP are left out.
      for (const entry of table.entries())
        if ((entry.state & ~NUD_NOARP) !== 0)
          text += line(entry.key0, entry.device.type, flagsOf(entry), formatMac(entry.address), entry.device.name);
      for (const proxy of table.proxies.list)
        text += line(proxy.key0, proxy.device?.type ?? 0, ATF_PUBL | ATF_PERM, '00:00:00:00:00:00', proxy.device?.name ?? '*');
    }
    return text;
  },
};

// Linux: arp_state_to_flags()
function flagsOf({ state }: Neighbour): number {
  if ((state & NUD_PERMANENT) !== 0) return ATF_PERM | ATF_COM;
  return (state & NUD_VALID) !== 0 ? ATF_COM : 0;
}

const line = (address: number, type: number, flags: number, mac: string, device: string) =>
  `${formatIpv4(address).padEnd(16)} 0x${type.toString(16).padEnd(10)}0x${flags.toString(16).padEnd(10)}${mac.padEnd(17)}     *        ${device}\n`;
