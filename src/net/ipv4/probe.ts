import { IFF_UP } from '../../netlink/rtnl/constants.js';
import * as ip6 from '../../wire/ipv6.js';
import * as probe from '../../wire/probe.js';
import type { NetDevice } from '../core/device.js';
import type { Namespace } from '../core/namespace.js';

/** IFNAMSIZ */
const NAME_BYTES = 16;
const ADDRESS_HEADER = 4;
/** The question cannot be read, which is said; no device is meant. */
const MALFORMED = 'malformed';

const address6 = new Uint32Array(4);

/**
 * What an extended echo request asks of an interface, in the two bytes that the answer has for it: code in the upper one, state in the
 * lower. `at`: the ICMP header. -1: no answer. Both families ask here (RFC 8335 4). Linux: icmp_build_probe()
 */
export function answerProbe(namespace: Namespace, view: DataView, at: number, end: number): number {
  // Neighbours of this host are not asked on behalf of others.
  if (!namespace.ipv4.settings.icmpEchoEnableProbe || (view.getUint8(at + 7) & probe.LOCAL) === 0) return -1;
  const device = deviceAskedFor(namespace, view, at + 8 + probe.EXTENSION_HEADER, end);
  if (device === MALFORMED) return probe.MALFORMED_QUERY << 8;
  if (device === null) return probe.NO_SUCH_INTERFACE << 8;
  const active = (device.flags & IFF_UP) !== 0 ? probe.ACTIVE : 0;
  const ipv4 = (device.ipv4?.addresses.length ?? 0) > 0 ? probe.HAS_IPV4 : 0;
  const ipv6 = (device.ipv6?.addresses.length ?? 0) > 0 ? probe.HAS_IPV6 : 0;
  return (probe.NO_ERROR << 8) | active | ipv4 | ipv6;
}

/** The interface that the object at `at` means. */
function deviceAskedFor(namespace: Namespace, view: DataView, at: number, end: number): NetDevice | null | typeof MALFORMED {
  if (at + probe.OBJECT_HEADER > end) return MALFORMED;
  const bytes = view.getUint16(at) - probe.OBJECT_HEADER;
  const from = at + probe.OBJECT_HEADER;
  if (bytes <= 0 || bytes > probe.LONGEST_IDENTIFICATION || from + bytes > end) return MALFORMED;
  switch (view.getUint8(at + 3)) {
    case probe.BY_NAME:
      return bytes >= NAME_BYTES ? MALFORMED : (namespace.deviceByName(nameAt(view, from, bytes)) ?? null);
    case probe.BY_INDEX:
      return bytes !== 4 ? MALFORMED : (namespace.deviceByIndex(view.getUint32(from)) ?? null);
    case probe.BY_ADDRESS:
      return byAddress(namespace, view, from, bytes);
    default:
      return MALFORMED;
  }
}

function byAddress(namespace: Namespace, view: DataView, at: number, bytes: number): NetDevice | null | typeof MALFORMED {
  if (bytes < ADDRESS_HEADER || bytes !== ADDRESS_HEADER + view.getUint8(at + 2)) return MALFORMED;
  const afi = view.getUint16(at);
  if (afi === probe.AFI_IPV4 && bytes === ADDRESS_HEADER + 4) return namespace.ipv4.routes.deviceWith(view.getUint32(at + ADDRESS_HEADER));
  if (afi !== probe.AFI_IPV6 || bytes !== ADDRESS_HEADER + 16) return MALFORMED;
  // Linux: ipv6_dev_find() knows addresses alone, of local routes nothing.
  const held = namespace.ipv6.addresses.find(ip6.readAddress(view, at + ADDRESS_HEADER, address6), null);
  return held === null || held.tentative ? null : held.owner.device;
}

/** Up to the first zero byte. */
function nameAt(view: DataView, at: number, bytes: number): string {
  let name = '';
  for (let i = 0; i < bytes && view.getUint8(at + i) !== 0; i++) name += String.fromCharCode(view.getUint8(at + i));
  return name;
}
