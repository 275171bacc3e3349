// ICMP, RFC 792:  0 type | 1 code | 2 checksum | 4 rest (id and sequence, gateway, pointer, or unused and MTU) | 8 data
export const HEADER = 8;
export const PROTOCOL = 1;

export const ECHO_REPLY = 0;
export const DEST_UNREACH = 3;
export const SOURCE_QUENCH = 4;
export const REDIRECT = 5;
export const ECHO = 8;
export const TIME_EXCEEDED = 11;
export const PARAMETER_PROBLEM = 12;
export const TIMESTAMP = 13;
export const TIMESTAMP_REPLY = 14;
export const INFO_REQUEST = 15;
export const INFO_REPLY = 16;
export const ADDRESS = 17;
export const ADDRESS_REPLY = 18;
/** The highest type known. */
export const MAX_TYPE = 18;
/** RFC 8335 */
export const EXT_ECHO = 42;
export const EXT_ECHO_REPLY = 43;

// Codes of DEST_UNREACH
export const NET_UNREACH = 0;
export const HOST_UNREACH = 1;
export const PROTOCOL_UNREACH = 2;
export const PORT_UNREACH = 3;
export const FRAG_NEEDED = 4;
export const SR_FAILED = 5;
export const NET_UNKNOWN = 6;
export const HOST_UNKNOWN = 7;
export const HOST_ISOLATED = 8;
export const NET_ANO = 9;
export const HOST_ANO = 10;
export const NET_UNR_TOS = 11;
export const HOST_UNR_TOS = 12;
export const PKT_FILTERED = 13;
export const PREC_VIOLATION = 14;
export const PREC_CUTOFF = 15;
export const MAX_UNREACH = 15;

// Codes of REDIRECT
export const REDIRECT_NET = 0;
export const REDIRECT_HOST = 1;
export const REDIRECT_NETTOS = 2;
export const REDIRECT_HOSTTOS = 3;

// Codes of TIME_EXCEEDED
export const EXCEEDED_TTL = 0;
export const EXCEEDED_REASSEMBLY = 1;

export const type = (v: DataView, at: number): number => v.getUint8(at);
export const code = (v: DataView, at: number): number => v.getUint8(at + 1);
export const headerChecksum = (v: DataView, at: number): number => v.getUint16(at + 2);
export const echoId = (v: DataView, at: number): number => v.getUint16(at + 4);
export const echoSequence = (v: DataView, at: number): number => v.getUint16(at + 6);
/** FRAG_NEEDED: MTU of the next hop, RFC 1191. */
export const nextHopMtu = (v: DataView, at: number): number => v.getUint16(at + 6);
export const gateway = (v: DataView, at: number): number => v.getUint32(at + 4);
export const pointer = (v: DataView, at: number): number => v.getUint8(at + 4);

/** Whether a message of `type` is an error about another packet: never answered with an error (RFC 1122 3.2.2). */
export const isError = (messageType: number): boolean =>
  messageType === DEST_UNREACH ||
  messageType === SOURCE_QUENCH ||
  messageType === REDIRECT ||
  messageType === TIME_EXCEEDED ||
  messageType === PARAMETER_PROBLEM;
