// ICMPv6, RFC 4443 2.1:  0 type | 1 code | 2 checksum, over a pseudo-header | 4 message
export const HEADER = 8;
export const PROTOCOL = 58;

export const DEST_UNREACH = 1;
export const PACKET_TOO_BIG = 2;
export const TIME_EXCEEDED = 3;
export const PARAMETER_PROBLEM = 4;
export const ECHO_REQUEST = 128;
export const ECHO_REPLY = 129;
/** RFC 8335 */
export const EXT_ECHO_REQUEST = 160;
export const EXT_ECHO_REPLY = 161;
/** MLD, RFC 2710 and RFC 3810. */
export const MLD_QUERY = 130;
export const MLD_REPORT = 131;
export const MLD_DONE = 132;
export const MLD2_REPORT = 143;
/** Neighbour discovery, RFC 4861. */
export const ROUTER_SOLICITATION = 133;
export const ROUTER_ADVERTISEMENT = 134;
export const NEIGHBOUR_SOLICITATION = 135;
export const NEIGHBOUR_ADVERTISEMENT = 136;
export const REDIRECT = 137;

// Codes of DEST_UNREACH
export const NOROUTE = 0;
export const ADM_PROHIBITED = 1;
export const NOT_NEIGHBOUR = 2;
export const ADDR_UNREACH = 3;
export const PORT_UNREACH = 4;
export const POLICY_FAIL = 5;
export const REJECT_ROUTE = 6;

// Codes of TIME_EXCEEDED
export const EXCEEDED_HOPLIMIT = 0;
export const EXCEEDED_REASSEMBLY = 1;

// Codes of PARAMETER_PROBLEM
export const HEADER_FIELD = 0;
export const UNKNOWN_NEXT_HEADER = 1;
export const UNKNOWN_OPTION = 2;
export const HEADER_INCOMPLETE = 3;

/** Errors have the highest bit of the type clear. */
export const isInformational = (type: number): boolean => (type & 0x80) !== 0;

export const type = (v: DataView, at: number): number => v.getUint8(at);
export const code = (v: DataView, at: number): number => v.getUint8(at + 1);
export const CHECKSUM_AT = 2;
export const echoId = (v: DataView, at: number): number => v.getUint16(at + 4);
export const echoSequence = (v: DataView, at: number): number => v.getUint16(at + 6);
/** Second word: MTU, pointer, or unused. */
export const info = (v: DataView, at: number): number => v.getUint32(at + 4);
