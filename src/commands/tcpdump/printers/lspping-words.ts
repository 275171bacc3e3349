// What LSP ping's numbers are called: RFC 4379 and 8029.
import type { Words } from '../words.js';

export const messageWords: Words = {
  1: 'MPLS Echo Request',
  2: 'MPLS Echo Reply',
};

export const replyModeWords: Words = {
  1: 'Do not reply',
  2: 'Reply via an IPv4/IPv6 UDP packet',
  3: 'Reply via an IPv4/IPv6 UDP packet with Router Alert',
  4: 'Reply via application level control channel',
};

export const returnCodeWords: Words = {
  0: 'No return code or return code contained in the Error Code TLV',
  1: 'Malformed echo request received',
  2: 'One or more of the TLVs was not understood',
  3: 'Replying router is an egress for the FEC at stack depth',
  4: 'Replying router has no mapping for the FEC at stack depth',
  5: 'Reserved',
  6: 'Reserved',
  7: 'Reserved',
  8: 'Label switched at stack-depth',
  9: 'Label switched but no MPLS forwarding at stack-depth',
  10: 'Mapping for this FEC is not the given label at stack depth',
  11: 'No label entry at stack-depth',
  12: 'Protocol not associated with interface at FEC stack depth',
  13: 'Premature termination of ping due to label stack shrinking to a single label',
};

export const tlvWords: Words = {
  1: 'Target FEC Stack',
  2: 'Downstream Mapping',
  3: 'Pad',
  9: 'Error Code',
  5: 'Vendor Enterprise Code',
  7: 'Interface Label Stack',
  10: 'Reply TOS Byte',
  15: 'BFD Discriminator',
  64512: 'Vendor Private Code',
};

export const fecWords: Words = {
  1: 'LDP IPv4 prefix',
  2: 'LDP IPv6 prefix',
  3: 'RSVP IPv4 Session Query',
  4: 'RSVP IPv6 Session Query',
  5: 'Reserved',
  6: 'VPN IPv4 prefix',
  7: 'VPN IPv6 prefix',
  8: 'L2 VPN endpoint',
  9: 'FEC 128 pseudowire (old)',
  10: 'FEC 128 pseudowire',
  12: 'BGP labeled IPv4 prefix',
  13: 'BGP labeled IPv6 prefix',
};

export const downstreamWords: Words = {
  1: 'IPv4',
  2: 'Unnumbered IPv4',
  3: 'IPv6',
  4: 'IPv6',
};
