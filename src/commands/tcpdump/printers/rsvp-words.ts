// What RSVP's numbers are called: RFC 2205, 2210, 3209, 3473, 4090 and others.
import type { Bits, Words } from '../words.js';

export const messageWords: Words = {
  1: 'Path',
  2: 'Resv',
  3: 'PathErr',
  4: 'ResvErr',
  5: 'PathTear',
  6: 'ResvTear',
  7: 'ResvConf',
  12: 'Bundle',
  13: 'Acknowledgement',
  14: 'Hello (Old)',
  15: 'Refresh',
  20: 'Hello',
};

export const headerBits: Bits = [[0x1, 'Refresh reduction capable']];

export const capabilityBits: Bits = [
  [0x4, 'RecoveryPath Transmit Enabled'],
  [0x2, 'RecoveryPath Desired'],
  [0x1, 'RecoveryPath Srefresh Capable'],
];

export const objectWords: Words = {
  1: 'Session',
  3: 'RSVP Hop',
  4: 'Integrity',
  5: 'Time Values',
  6: 'Error Spec',
  7: 'Scope',
  8: 'Style',
  9: 'Flowspec',
  10: 'FilterSpec',
  11: 'Sender Template',
  12: 'Sender TSpec',
  13: 'Adspec',
  14: 'Policy Data',
  15: 'Confirm',
  16: 'Label',
  19: 'Label Request',
  20: 'ERO',
  21: 'RRO',
  22: 'Hello',
  23: 'Message ID',
  24: 'Message ID Ack',
  25: 'Message ID List',
  34: 'Recovery Label',
  35: 'Upstream Label',
  36: 'Label Set',
  130: 'Acceptable Label Set',
  63: 'Detour',
  66: 'Class Type',
  125: 'Class Type (old)',
  129: 'Suggested Label',
  204: 'Properties',
  205: 'Fast Re-Route',
  207: 'Session Attribute',
  229: 'Generalized UNI',
  230: 'Call-ID',
  236: 'Call Capability',
  131: 'Restart Capability',
  134: 'Capability',
  195: 'Notify Request',
  37: 'Protection',
  196: 'Administrative Status',
  50: 'Sub-LSP to LSP',
};

export const classTypeWords: Words = {
  769: 'IPv4',
  770: 'IPv6',
  771: 'IPv4 plus opt. TLVs',
  772: 'IPv6 plus opt. TLVs',
  49921: 'IPv4',
  49922: 'IPv6',
  3841: 'IPv4',
  3842: 'IPv6',
  1281: '1',
  2305: 'obsolete',
  2306: 'IntServ',
  3074: 'IntServ',
  3330: 'IntServ',
  2561: 'IPv4',
  2562: 'IPv6',
  2563: 'IPv6 Flow-label',
  2567: 'Tunnel IPv4',
  2572: 'IPv4 P2MP LSP Tunnel',
  2573: 'IPv6 P2MP LSP Tunnel',
  257: 'IPv4',
  258: 'IPv6',
  263: 'Tunnel IPv4',
  267: 'UNI IPv4',
  269: 'IPv4 P2MP LSP Tunnel',
  270: 'IPv6 P2MP LSP Tunnel',
  2817: 'IPv4',
  2818: 'IPv6',
  2823: 'Tunnel IPv4',
  2828: 'IPv4 P2MP LSP Tunnel',
  2829: 'IPv6 P2MP LSP Tunnel',
  5889: '1',
  6145: 'Message id ack',
  6146: 'Message id nack',
  6401: '1',
  2049: '1',
  5633: 'Hello Request',
  5634: 'Hello Ack',
  4865: 'without label range',
  4866: 'with ATM label range',
  4867: 'with FR label range',
  4868: 'Generalized Label',
  4097: 'Label',
  4098: 'Generalized Label',
  4099: 'Waveband Switching',
  33025: 'Label',
  33026: 'Generalized Label',
  33027: 'Waveband Switching',
  8961: 'Label',
  8962: 'Generalized Label',
  8963: 'Waveband Switching',
  8705: 'Label',
  8706: 'Generalized Label',
  8707: 'Waveband Switching',
  5121: 'IPv4',
  5377: 'IPv4',
  1537: 'IPv4',
  1538: 'IPv6',
  1539: 'IPv4 plus opt. TLVs',
  1540: 'IPv6 plus opt. TLVs',
  33537: 'IPv4',
  34305: '1',
  52999: 'Tunnel IPv4',
  52487: 'Tunnel IPv4',
  52481: '1',
  16135: 'Tunnel IPv4',
  52225: '1',
  50177: '1',
  16897: '1',
  32001: '1',
  9217: '1',
  58625: '1',
  12801: 'IPv4 sub-LSP',
  12802: 'IPv6 sub-LSP',
};

export const integrityBits: Bits = [[0x80, 'Handshake']];

export const subobjectWords: Words = {
  0: 'Reserved',
  1: 'IPv4 prefix',
  2: 'IPv6 prefix',
  3: 'Label',
  32: 'Autonomous system number',
  64: 'MPLS label switched path termination',
};

export const recordBits: Bits = [
  [0x1, 'Local protection available'],
  [0x2, 'Local protection in use'],
  [0x4, 'Bandwidth protection'],
  [0x8, 'Node protection'],
];

export const recordLabelBits: Bits = [[0x1, 'Global']];

export const styleWords: Words = {
  17: 'Wildcard Filter',
  10: 'Fixed Filter',
  18: 'Shared Explicit',
};

export const serviceWords: Words = {
  1: 'Default/Global Information',
  2: 'Guaranteed Service',
  5: 'Controlled Load',
};

export const parameterWords: Words = {
  4: 'IS hop cnt',
  6: 'Path b/w estimate',
  8: 'Minimum path latency',
  10: 'Composed MTU',
  127: 'Token Bucket TSpec',
  130: 'Guaranteed Service RSpec',
  133: 'End-to-end composed value for C',
  134: 'End-to-end composed value for D',
  135: 'Since-last-reshaping point composed C',
  136: 'Since-last-reshaping point composed D',
};

export const sessionAttributeBits: Bits = [
  [0x1, 'Local Protection'],
  [0x2, 'Label Recording'],
  [0x4, 'SE Style'],
  [0x8, 'Bandwidth protection'],
  [0x10, 'Node protection'],
];

export const propertyWords: Words = {
  1: 'Cos',
  2: 'Metric 1',
  4: 'Metric 2',
  8: 'CCC Status',
  16: 'Path Type',
};

export const errorWords: Words = {
  24: 'Routing Problem',
  25: 'Notify Error',
  28: 'Diffserv TE Error',
  125: 'Diffserv TE Error (Old)',
};

export const routingErrorWords: Words = {
  1: 'Bad EXPLICIT_ROUTE object',
  2: 'Bad strict node',
  3: 'Bad loose node',
  4: 'Bad initial subobject',
  5: 'No route available toward destination',
  6: 'Unacceptable label value',
  7: 'RRO indicated routing loops',
  8: 'non-RSVP-capable router in the path',
  9: 'MPLS label allocation failure',
  10: 'Unsupported L3PID',
};

export const diffservErrorWords: Words = {
  1: 'Unexpected CT object',
  2: 'Unsupported CT',
  3: 'Invalid CT value',
  4: 'CT/setup priority do not form a configured TE-Class',
  5: 'CT/holding priority do not form a configured TE-Class',
  6: 'CT/setup priority and CT/holding priority do not form a configured TE-Class',
  7: 'Inconsistency between signaled PSC and signaled CT',
  8: 'Inconsistency between signaled PHBs and signaled CT',
};

export const adminStatusBits: Bits = [
  [0x80000000, 'Reflect'],
  [0x4, 'Testing'],
  [0x2, 'Admin-down'],
  [0x1, 'Delete-in-progress'],
];

export const labelSetWords: Words = {
  0: 'Inclusive list',
  1: 'Exclusive list',
  2: 'Inclusive range',
  3: 'Exclusive range',
};

export const uniWords: Words = {
  1: 'Source TNA address',
  2: 'Destination TNA address',
  3: 'Diversity',
  4: 'Egress label',
  5: 'Service level',
};
