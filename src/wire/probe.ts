// Extended echo (PROBE), RFC 8335 2: an ICMP echo header whose sequence number is one byte and whose last byte holds bits, then an
// extension header (RFC 4884 7: version, checksum) and one interface identification object:
//   0 length, these four bytes included | 2 class | 3 C-type | 4 name, index, or 4 AFI | 6 bytes of the address | 7 - | 8 address

/** The request's last byte of the header: the interface is one of the node that is asked. */
export const LOCAL = 1;

// Codes of the answer
export const NO_ERROR = 0;
export const MALFORMED_QUERY = 1;
export const NO_SUCH_INTERFACE = 2;

// The answer's last byte of the header
export const ACTIVE = 1 << 2;
export const HAS_IPV4 = 1 << 1;
export const HAS_IPV6 = 1 << 0;

export const EXTENSION_HEADER = 4;
export const OBJECT_HEADER = 4;
/** An address of IPv6 with what stands before it. */
export const LONGEST_IDENTIFICATION = 20;

// C-types of the object
export const BY_NAME = 1;
export const BY_INDEX = 2;
export const BY_ADDRESS = 3;

// Address families (IANA)
export const AFI_IPV4 = 1;
export const AFI_IPV6 = 2;
