// Encapsulations of layer-2 VPNs and pseudowires, IANA's list as tcpdump words it.
import type { Words } from '../words.js';

export const encapsulationWords: Words = {
  0: 'Reserved',
  1: 'Frame Relay',
  2: 'ATM AAL5 SDU VCC transport',
  3: 'ATM transparent cell transport',
  4: 'Ethernet (VLAN) Tagged Mode',
  5: 'Ethernet Raw Mode',
  6: 'Cisco HDLC',
  7: 'PPP',
  8: 'SONET/SDH Circuit Emulation Service over MPLS',
  9: 'ATM n-to-one VCC cell transport',
  10: 'ATM n-to-one VPC cell transport',
  11: 'IP layer 2 transport',
  15: 'Frame Relay Port mode',
  17: 'Structure-agnostic E1 over packet',
  18: 'Structure-agnostic T1 (DS1) over packet',
  19: 'VPLS',
  20: 'Structure-agnostic T3 (DS3) over packet',
  21: 'Nx64kbit/s Basic Service using Structure-aware',
  25: 'Frame Relay DLCI',
  40: 'Structure-agnostic E3 over packet',
  41: 'Octet-aligned playload for Structure-agnostic DS1 circuits',
  42: 'E&M NxDS0 with CAS',
};
