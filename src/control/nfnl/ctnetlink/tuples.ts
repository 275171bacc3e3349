import { EINVAL, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { CtTuple } from '../../../netlink/nfnl/ctnetlink.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { addressFromBytes, addressToBytes } from '../../../wire/ipv6.js';
import { hasPorts, IPPROTO_ICMP, IPPROTO_ICMPV6, type Tuple } from '../../../net/netfilter/conntrack/tuple.js';

/** CTA_TUPLE_* of one direction. `zone`: of that direction alone, else undefined. */
export function describeTuple(tuple: Tuple, zone?: number): CtTuple {
  const four = tuple.family === NFPROTO_IPV4;
  return {
    ip: four
      ? { v4Src: tuple.source[0]!, v4Dst: tuple.destination[0]! }
      : { v6Src: addressToBytes(tuple.source), v6Dst: addressToBytes(tuple.destination) },
    proto: { num: tuple.protocol, ...describePorts(tuple, four) },
    ...(zone === undefined ? {} : { zone }),
  };
}

function describePorts(tuple: Tuple, four: boolean): NonNullable<CtTuple['proto']> {
  const id = tuple.sourcePort;
  const type = (tuple.ports >>> 8) & 0xff;
  const code = tuple.ports & 0xff;
  if (four && tuple.protocol === IPPROTO_ICMP) return { icmpId: id, icmpType: type, icmpCode: code };
  if (!four && tuple.protocol === IPPROTO_ICMPV6) return { icmpv6Id: id, icmpv6Type: type, icmpv6Code: code };
  return hasPorts(tuple.protocol) ? { srcPort: tuple.sourcePort, dstPort: tuple.destinationPort } : {};
}

/** Reads a tuple that a user names. EINVAL: something of it is missing. Linux: ctnetlink_parse_tuple() */
export function parseTuple(family: number, values: CtTuple | undefined, into: Tuple): Tuple {
  if (values?.ip === undefined || values.proto?.num === undefined) return fail(EINVAL);
  const { ip, proto } = values;
  into.family = family;
  into.protocol = values.proto.num;
  into.source.fill(0);
  into.destination.fill(0);
  if (family === NFPROTO_IPV4) {
    into.source[0] = ip.v4Src ?? fail(EINVAL);
    into.destination[0] = ip.v4Dst ?? fail(EINVAL);
  } else if (family === NFPROTO_IPV6) {
    into.source.set(addressFromBytes(ip.v6Src ?? fail(EINVAL)));
    into.destination.set(addressFromBytes(ip.v6Dst ?? fail(EINVAL)));
  } else return fail(EOPNOTSUPP);
  if (family === NFPROTO_IPV4 && into.protocol === IPPROTO_ICMP)
    into.setPorts(proto.icmpId ?? fail(EINVAL), ((proto.icmpType ?? fail(EINVAL)) << 8) | (proto.icmpCode ?? fail(EINVAL)));
  else if (family === NFPROTO_IPV6 && into.protocol === IPPROTO_ICMPV6)
    into.setPorts(proto.icmpv6Id ?? fail(EINVAL), ((proto.icmpv6Type ?? fail(EINVAL)) << 8) | (proto.icmpv6Code ?? fail(EINVAL)));
  else if (hasPorts(into.protocol)) into.setPorts(proto.srcPort ?? fail(EINVAL), proto.dstPort ?? fail(EINVAL));
  else into.ports = 0;
  return into;
}
