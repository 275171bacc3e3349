import { AF_INET } from '../../../netlink/constants.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import { skipHeaders } from '../../../wire/ipv6-extensions.js';
import { hasPorts } from '../../../wire/ports.js';

/** What IPVS reads of a packet (struct ip_vs_iphdr). Kept and filled anew. */
export class IpvsPacket {
  family = AF_INET;
  protocol = 0;
  readonly source = new Uint32Array(4);
  readonly destination = new Uint32Array(4);
  sourcePort = 0;
  destinationPort = 0;
  /** Where the network header and the transport's begin. */
  at = 0;
  transportAt = 0;
  /** It is the middle of a datagram: there are no ports. */
  isMiddle = false;

  /** Reads the packet whose network header is at `at`. False: it is cut off. */
  read(family: number, v: DataView, at: number, end: number): boolean {
    this.family = family;
    this.at = at;
    if (family === AF_INET) {
      if (at + ip.HEADER > end) return false;
      this.protocol = ip.protocol(v, at);
      this.source[0] = ip.source(v, at);
      this.destination[0] = ip.destination(v, at);
      for (let i = 1; i < 4; i++) {
        this.source[i] = 0;
        this.destination[i] = 0;
      }
      this.transportAt = at + ip.headerLength(v, at);
      this.isMiddle = (ip.fragment(v, at) & ip.OFFSET_MASK) !== 0;
    } else {
      if (at + ip6.HEADER > end) return false;
      const found = skipHeaders(v, at, end);
      if (found.offset < 0) return false;
      this.protocol = found.protocol;
      this.transportAt = found.offset;
      this.isMiddle = found.fragmentOffset > 0;
      ip6.readAddress(v, at + ip6.SOURCE, this.source);
      ip6.readAddress(v, at + ip6.DESTINATION, this.destination);
    }
    this.sourcePort = 0;
    this.destinationPort = 0;
    if (this.isMiddle || !hasPorts(this.protocol)) return this.transportAt <= end;
    if (this.transportAt + 4 > end) return false;
    this.sourcePort = v.getUint16(this.transportAt);
    this.destinationPort = v.getUint16(this.transportAt + 2);
    return true;
  }
  /** The packet as it would be the other way round: of one inside an ICMP error its sender is whom a client spoke to. */
  turn(): void {
    const { source, destination, sourcePort } = this;
    for (let i = 0; i < 4; i++) {
      const word = source[i]!;
      source[i] = destination[i]!;
      destination[i] = word;
    }
    this.sourcePort = this.destinationPort;
    this.destinationPort = sourcePort;
  }
}
