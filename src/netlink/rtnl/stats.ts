import { type AttributesOf, attributes, custom, layout, many, nest, struct } from '../attributes.js';
import { message } from '../schema.js';

// Statistics beyond struct rtnl_link_stats64: RTM_GETSTATS, linux/if_link.h.

export const IFLA_STATS_LINK_XSTATS = 2;
export const IFLA_STATS_LINK_XSTATS_SLAVE = 3;
/** IFLA_STATS_FILTER_BIT() */
export const statsFilter = (attribute: number): number => 1 << (attribute - 1);

const MCAST_COUNTERS = 28;

/** Many u64, one behind the other (struct br_mcast_stats). */
const counters = (type: number, count: number) =>
  custom<readonly number[]>(type, {
    read(source, start, end) {
      const values: number[] = [];
      for (let at = start; at + 8 <= end && values.length < count; at += 8)
        values.push(source.view.getUint32(at, true) + source.view.getUint32(at + 4, true) * 0x1_0000_0000);
      return values;
    },
    write(writer, values) {
      for (const value of values) writer.u64(value);
    },
  });

/** BRIDGE_XSTATS_*, in the order of br_fill_linkxstats(). */
const bridgeStatistics = attributes('BRIDGE_XSTATS', {
  vlans: many(struct(1, { rxBytes: 'u64', rxPackets: 'u64', txBytes: 'u64', txPackets: 'u64', vid: 'u16', flags: 'u16', pad: 'pad32' })),
  /** Each counter received, then sent: queries of IGMPv1-3, leaves, reports v1-3, parse errors; then of MLD. */
  mcast: counters(2, MCAST_COUNTERS),
  stp: struct(5, {
    transitionBlocked: 'u64',
    transitionForwarding: 'u64',
    rxBpdu: 'u64',
    txBpdu: 'u64',
    rxTcn: 'u64',
    txTcn: 'u64',
  }),
});
export type BridgeStatistics = AttributesOf<typeof bridgeStatistics>;

/** LINK_XSTATS_TYPE_* */
const kinds = attributes('LINK_XSTATS_TYPE', { bridge: nest(1, bridgeStatistics) });

/** struct if_stats_msg */
const header = layout({ family: 'u8', pad1: 'pad8', pad2: 'pad16', ifindex: 'u32', filterMask: 'u32' });

export const statsMessage = message(
  'stats',
  header,
  attributes('IFLA_STATS', { xstats: nest(IFLA_STATS_LINK_XSTATS, kinds), slaveXstats: nest(IFLA_STATS_LINK_XSTATS_SLAVE, kinds) }),
);
