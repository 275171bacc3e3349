import { EINVAL } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { type AttributesOf, attributes, binary, custom, flag, layout, nest, plain, u16, u32, u64 } from '../attributes.js';
import { deferred, type HeaderOf, message } from '../schema.js';

/** struct nhmsg, linux/nexthop.h. */
export const nhmsg = layout({ family: 'u8', scope: 'u8', protocol: 'u8', resvd: 'u8', flags: 'u32' });

// linux/nexthop.h: NEXTHOP_GRP_TYPE_*
export const NEXTHOP_GRP_TYPE_MPATH = 0;
export const NEXTHOP_GRP_TYPE_RES = 1;

/** struct nexthop_grp; `weight` is 1 to 256, one more than in the message. */
export interface GroupEntry {
  readonly id: number;
  readonly weight: number;
}

const ENTRY_BYTES = 8;

const group = custom<readonly GroupEntry[]>(2, {
  read({ view, base }, start, end) {
    const fault = (text: string) => new NetError(EINVAL, text, start - 4 - base);
    if (end === start || (end - start) % ENTRY_BYTES !== 0) throw fault('Invalid length for nexthop group attribute');
    const entries: GroupEntry[] = [];
    for (let at = start; at < end; at += ENTRY_BYTES) {
      if (view.getUint8(at + 5) !== 0 || view.getUint16(at + 6) !== 0) throw fault('Reserved fields in nexthop_grp must be 0');
      if (view.getUint8(at + 4) > 254) throw fault('Invalid value for weight');
      entries.push({ id: view.getUint32(at, true), weight: view.getUint8(at + 4) + 1 });
    }
    return entries;
  },
  write(writer, entries) {
    for (const { id, weight } of entries) {
      writer.u32(id);
      writer.u8(weight - 1);
      writer.zeros(3);
    }
  },
});

/** NHA_RES_GROUP: times in ticks of USER_HZ. */
export const resilientAttributes = attributes('NHA_RES_GROUP', {
  buckets: u16(1),
  idleTimer: u32(2),
  unbalancedTimer: u32(3),
  unbalancedTime: u64(4),
});

export const bucketAttributes = attributes('NHA_RES_BUCKET', { index: u16(1), idleTime: u64(2), nexthopId: u32(3) });

const nexthopShape = {
  id: u32(1),
  groupType: u16(3),
  group,
  resilient: nest(12, resilientAttributes),
  bucket: nest(13, bucketAttributes),
  blackhole: flag(4),
  fdb: flag(11),
  oif: u32(5),
  gateway: binary(6, { min: 4, max: 16 }),
  encap: plain(deferred(8)),
  encapType: u16(7),
  groups: flag(9),
  master: u32(10),
};

/** NHA_*, in the order of Linux's nh_fill_node(). */
export const nexthopAttributes = attributes('NHA', nexthopShape);
export type NexthopAttributes = AttributesOf<typeof nexthopAttributes>;

/** RTM_*NEXTHOP, RTM_*NEXTHOPBUCKET. */
export const nexthopMessage = message('nexthop', nhmsg, nexthopAttributes);
/** A request: of it Linux wants nests marked as such. */
export const nexthopRequest = message('nexthop', nhmsg, attributes('NHA', { ...nexthopShape, encap: deferred(8) }));
export type NexthopHeader = HeaderOf<typeof nexthopMessage>;
