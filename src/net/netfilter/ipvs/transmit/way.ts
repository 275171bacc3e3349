import { AF_INET } from '../../../../netlink/constants.js';
import { IP_VS_CONN_F_DROUTE, IP_VS_CONN_F_FWD_MASK } from '../../../../netlink/genl/ip-vs.js';
import type { Dst } from '../../../core/dst.js';
import { Flow } from '../../../core/flow.js';
import { Rtable } from '../../../ipv4/rtable.js';
import { Rt6 } from '../../../ipv6/rt6.js';
import type { Ipvs } from '../ipvs.js';
import { DESTINATION, FLAGS } from '../layout.js';

const flow = new Flow();
const address = new Uint32Array(4);
/** The address that packets by the way last found leave from. */
export const waySource = new Uint32Array(4);

/** The way to a connection's server, kept with the server as long as it holds; null: there is none. Linux: __ip_vs_get_out_rt() */
export function wayTo(ipvs: Ipvs, id: number): Dst | null {
  const { table } = ipvs.connections;
  const server = ipvs.destinationOf(id);
  const family = table.serverFamily(id);
  const { ipv4, ipv6 } = ipvs.namespace;
  if (server !== null && server.dst !== null && (family === AF_INET ? ipv4.valid(server.dst) : ipv6.valid(server.dst))) {
    waySource.set(server.source);
    return server.dst;
  }
  const found = lookUp(ipvs, family, table.readAddress(id, DESTINATION, address));
  if (found === null) return null;
  // What keeps its destination has to be handed to the server itself.
  const dst = (table.get(id, FLAGS) & IP_VS_CONN_F_FWD_MASK) === IP_VS_CONN_F_DROUTE ? knownNexthop(found, family, address) : found;
  if (server !== null) {
    server.dst = dst;
    server.source.set(waySource);
  }
  return dst;
}

/** The way to an address from this host; null: there is none. */
export function lookUp(ipvs: Ipvs, family: number, to: Uint32Array): Dst | null {
  const { ipv4, ipv6 } = ipvs.namespace;
  flow.reset();
  let dst: Dst;
  if (family === AF_INET) {
    flow.destination = to[0]!;
    dst = ipv4.route(flow);
    waySource[0] = flow.source;
  } else {
    flow.destination6.set(to);
    flow.source6.fill(0);
    dst = ipv6.route(flow);
    waySource.set(flow.source6);
  }
  return dst.error === 0 ? dst : null;
}

/** The way with the server as its next hop, where it is on the link. Linux: FLOWI_FLAG_KNOWN_NH */
function knownNexthop(dst: Dst, family: number, server: Uint32Array): Dst {
  if (dst instanceof Rtable && family === AF_INET) {
    if (dst.gateway !== 0 || dst.gateway6 !== null) return dst;
    const known = Object.assign(new Rtable(), dst);
    known.gateway = server[0]!;
    known.neighbour = null;
    return known;
  }
  if (!(dst instanceof Rt6) || dst.gateway !== null) return dst;
  const known = Object.assign(new Rt6(), dst);
  known.gateway = server.slice();
  known.neighbour = null;
  return known;
}
