import { US_PER_TICK } from '../../../base/clock.js';
import { NUD_VALID, type Neighbour, type NeighbourTable } from '../../../net/core/neighbour.js';
import type { ProxyNeighbour } from '../../../net/core/proxy-neighbours.js';
import { NTF_PROXY, RTN_UNICAST } from '../../../netlink/rtnl/constants.js';
import type { NeighbourAttributes, NeighbourHeader } from '../../../netlink/rtnl/neighbour.js';
import { keyBytesOf } from './key.js';

const ticks = (us: number): number => Math.max(0, Math.floor(us / US_PER_TICK));

export interface DescribedNeighbour {
  readonly header: NeighbourHeader;
  readonly attributes: NeighbourAttributes;
}

/** For a message that is built at once: the link-layer address is the neighbour's own, no copy. Linux: neigh_fill_info() */
export function describeNeighbour(neighbour: Neighbour): DescribedNeighbour {
  const { table, device, state, flags } = neighbour;
  const { nowUs } = device.stack;
  return {
    header: { family: table.family, ifindex: device.ifindex, state, flags: flags & 0xff, type: neighbour.type },
    // What is undefined is not written: an object of one shape costs a fifth of one that is put together.
    attributes: {
      dst: keyBytesOf(table, neighbour),
      lladdr: (state & NUD_VALID) === 0 ? undefined : neighbour.address,
      cacheinfo: {
        confirmed: ticks(nowUs - neighbour.confirmedUs),
        used: ticks(nowUs - neighbour.usedUs),
        updated: ticks(nowUs - neighbour.updatedUs),
        refcnt: neighbour.timerArmed ? 1 : 0,
      },
      probes: neighbour.probes,
      protocol: neighbour.protocol === 0 ? undefined : neighbour.protocol,
      flagsExt: flags >>> 8 === 0 ? undefined : flags >>> 8,
    },
  };
}

// Linux: pneigh_fill_info()
export function describeProxy(table: NeighbourTable, entry: ProxyNeighbour): DescribedNeighbour {
  return {
    header: {
      family: table.family,
      ifindex: entry.device?.ifindex ?? 0,
      state: 0,
      flags: (entry.flags & 0xff) | NTF_PROXY,
      type: RTN_UNICAST,
    },
    attributes: {
      dst: keyBytesOf(table, entry),
      ...(entry.protocol === 0 ? {} : { protocol: entry.protocol }),
      ...(entry.flags >>> 8 === 0 ? {} : { flagsExt: entry.flags >>> 8 }),
    },
  };
}
