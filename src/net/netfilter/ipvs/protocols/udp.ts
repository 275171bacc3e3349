import { INPUT, type IpvsProtocol } from '../protocol.js';

/** UDP: one state, kept five minutes after each packet (ip_vs_proto_udp.c). */
export const udp: IpvsProtocol = {
  protocol: 17,
  name: 'UDP',
  states: ['UDP'],
  timeoutsMs: [300_000],
  headerBytes: 8,
  begins: () => true,
  isNew: () => false,
  isOver: () => false,
  advance(ipvs, id, direction) {
    ipvs.connections.setTimeout(id, ipvs.timeoutsMs(17)[0]!);
    if (direction !== INPUT) ipvs.connections.assureTemplate(id);
  },
  established: 0,
  syncedStates: null,
};
