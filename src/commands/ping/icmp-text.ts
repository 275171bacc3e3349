import { formatIpv4 } from '../../wire/ipv4-address.js';
import * as icmp from '../../wire/icmp.js';
import * as icmpv6 from '../../wire/icmpv6.js';

const unreachable: readonly string[] = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  'Frag needed and DF set',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
];
const redirects: readonly string[] = [
  'Redirect Network',
  'Redirect Host',
  'Redirect Type of Service and Network',
  'Redirect Type of Service and Host',
];

/** What an ICMP message says. `info`: the MTU, the pointer or the gateway that comes with it. */
export function icmpText(type: number, code: number, info: number): string {
  switch (type) {
    case icmp.ECHO_REPLY:
      return 'Echo Reply';
    case icmp.DEST_UNREACH:
      if (code === icmp.FRAG_NEEDED) return `Frag needed and DF set (mtu = ${info})`;
      return unreachable[code] ?? `Dest Unreachable, Bad Code: ${code}`;
    case icmp.SOURCE_QUENCH:
      return 'Source Quench';
    case icmp.REDIRECT:
      return `${redirects[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${formatIpv4(info)})`;
    case icmp.ECHO:
      return 'Echo Request';
    case icmp.TIME_EXCEEDED:
      if (code === icmp.EXCEEDED_TTL) return 'Time to live exceeded';
      return code === icmp.EXCEEDED_REASSEMBLY ? 'Frag reassembly time exceeded' : `Time exceeded, Bad Code: ${code}`;
    case icmp.PARAMETER_PROBLEM:
      return `Parameter problem: pointer = ${info}`;
    default:
      return `Bad ICMP type: ${type}`;
  }
}

/** The number behind a message's first four bytes that its text is about: MTU, gateway, pointer. */
export function icmpInfo(view: DataView, at: number): number {
  switch (icmp.type(view, at)) {
    case icmp.DEST_UNREACH:
      return icmp.nextHopMtu(view, at);
    case icmp.REDIRECT:
      return icmp.gateway(view, at);
    case icmp.PARAMETER_PROBLEM:
      return icmp.pointer(view, at);
    default:
      return 0;
  }
}

const unreachable6: readonly string[] = [
  'Destination unreachable: No route',
  'Destination unreachable: Administratively prohibited',
  'Destination unreachable: Beyond scope of source address',
  'Destination unreachable: Address unreachable',
  'Destination unreachable: Port unreachable',
];
const parameterProblems: readonly string[] = ['Wrong header field ', 'Unknown header ', 'Unknown option '];

/** What an ICMPv6 error says. */
export function icmpv6Text(type: number, code: number, info: number): string {
  switch (type) {
    case icmpv6.DEST_UNREACH:
      return unreachable6[code] ?? `Destination unreachable: Unknown code ${code}`;
    case icmpv6.PACKET_TOO_BIG:
      return `Packet too big: mtu=${info}${code === 0 ? '' : `, code=${code}`}`;
    case icmpv6.TIME_EXCEEDED:
      if (code === icmpv6.EXCEEDED_HOPLIMIT) return 'Time exceeded: Hop limit';
      return code === icmpv6.EXCEEDED_REASSEMBLY ? 'Time exceeded: Defragmentation failure' : `Time exceeded: code ${code}`;
    case icmpv6.PARAMETER_PROBLEM:
      return `Parameter problem: ${parameterProblems[code] ?? `code ${code} `}at ${info}`;
    default:
      return `unknown icmp type: ${type}`;
  }
}
