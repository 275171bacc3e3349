const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const PROTOCOL_DCCP = 33;
const PROTOCOL_SCTP = 132;
const PROTOCOL_UDPLITE = 136;

/** Whether the transport's header begins with a source and a destination port of 16 bits each. */
export const hasPorts = (protocol: number): boolean =>
  protocol === PROTOCOL_TCP ||
  protocol === PROTOCOL_UDP ||
  protocol === PROTOCOL_UDPLITE ||
  protocol === PROTOCOL_SCTP ||
  protocol === PROTOCOL_DCCP;
