// Where the fields of each link type lie: init_linktype() of libpcap 1.10.
import { filterError } from './code.js';

/** There is no such field. As a u32, so that sums with it wrap as they do there. */
export const NOT_SET = 0xffffffff;

export interface LinkOffsets {
  readonly link: number;
  readonly variableLink: boolean;
  readonly type: number;
  readonly payload: number;
  readonly variablePayload: boolean;
  readonly network: number;
  readonly networkWithoutSnap: number;
}

type Row = readonly [type: number, payload: number, network: number, networkWithoutSnap: number];

const N = NOT_SET;
const juniper8: Row = [8, N, N, N];
const plain: Row = [4, 4, 0, N];
const ppp: Row = [2, 4, 0, 0];
const none: Row = [N, N, N, N];

const rows: Readonly<Record<number, Row>> = {
  0: [0, 4, 0, 0], // NULL
  1: [12, 14, 0, 3], // EN10MB
  6: [14, 14, 8, 3], // IEEE802
  7: [2, 6, 0, 0], // ARCNET
  8: [N, 16, 0, 0], // SLIP
  9: ppp, // PPP
  10: [13, 13, 8, 3], // FDDI
  11: [0, 0, 8, 3], // ATM_RFC1483
  12: [N, 0, 0, 0], // RAW
  15: [N, 24, 0, 0], // SLIP_BSDOS
  16: [5, 24, 0, 0], // PPP_BSDOS
  18: [N, 4, 0, 0], // PFSYNC
  19: [0, 0, 8, 3], // ATM_CLIP
  50: ppp, // PPP_SERIAL
  51: [6, 8, 0, 0], // PPP_ETHER
  99: [6, 44, 0, 0], // SYMANTEC_FIREWALL
  104: ppp, // C_HDLC
  107: [N, 0, 0, 0], // FRELAY
  108: [0, 4, 0, 0], // LOOP
  109: [0, 12, 0, 0], // ENC
  113: [14, 16, 0, 0], // LINUX_SLL
  114: [N, 0, 0, 0], // LTALK
  122: [16, 16, 8, 3], // IP_OVER_FC
  123: [4, 4, 8, 3], // SUNATM
  129: [4, 8, 0, 0], // ARCNET_LINUX
  130: plain, // JUNIPER_MLPPP
  131: plain, // JUNIPER_MLFR
  132: [6, N, N, N], // JUNIPER_ES
  133: [6, 12, 0, N], // JUNIPER_GGSN
  134: plain, // JUNIPER_MFR
  135: [8, 8, 0, 10], // JUNIPER_ATM2
  136: [12, N, N, N], // JUNIPER_SERVICES
  137: [4, 4, 0, 10], // JUNIPER_ATM1
  138: [16, 18, 0, 0], // APPLE_IP_OVER_IEEE1394
  139: none, // MTP2_WITH_PHDR
  140: none, // MTP2
  164: [12, 12, 0, N], // JUNIPER_MONITOR
  165: none, // BACNET_MS_TP
  166: ppp, // PPP_PPPD
  167: [16, 14, 18, 21], // JUNIPER_PPPOE
  168: [4, 6, 0, N], // JUNIPER_PPPOE_ATM
  178: [16, 14, 18, 21], // JUNIPER_ETHER
  179: plain, // JUNIPER_PPP
  180: plain, // JUNIPER_FRELAY
  181: plain, // JUNIPER_CHDLC
  182: [N, 0, 4, 0], // MFR
  183: [18, N, N, N], // JUNIPER_VP
  194: juniper8, // JUNIPER_ISM
  197: none, // ERF
  200: [18, N, N, N], // JUNIPER_ST
  202: none, // AX25_KISS
  226: [1, 24, 0, N], // IPNET
  228: [N, 0, 0, 0], // IPV4
  229: [N, 0, 0, 0], // IPV6
  232: juniper8, // JUNIPER_VS
  233: juniper8, // JUNIPER_SRX_E2E
  234: juniper8, // JUNIPER_FIBRECHANNEL
  238: juniper8, // JUNIPER_ATM_CEMIC
  240: [16, 18, 0, 3], // NETANALYZER
  241: [24, 26, 0, 3], // NETANALYZER_TRANSPARENT
  276: [0, 20, 0, 0], // LINUX_SLL2
};

/** 802.11, bare and behind headers of varying length. */
const WLAN = 105;
const PRISM = 119;
const RADIOTAP = 127;
const AVS = 163;
const PPI = 192;
const PFLOG = 117;
const LINKS: Readonly<Record<number, number>> = { 240: 4, 241: 12 };
const MATCHING_MIN = 104;
const MATCHING_MAX = 289;

export const isWlan = (type: number) => type === WLAN || type === PRISM || type === RADIOTAP || type === AVS || type === PPI;
export const isJuniper = (type: number) =>
  (type >= 130 && type <= 137) ||
  type === 164 ||
  type === 167 ||
  type === 168 ||
  (type >= 178 && type <= 183 && type !== 182) ||
  [194, 200, 232, 233, 234, 238].includes(type);

export function linkOffsets(linkType: number): LinkOffsets {
  const plainOffsets = { link: LINKS[linkType] ?? 0, variableLink: false, variablePayload: false };
  if (isWlan(linkType))
    return {
      ...plainOffsets,
      variableLink: linkType !== WLAN,
      type: 24,
      payload: 0,
      variablePayload: true,
      network: 8,
      networkWithoutSnap: 3,
    };
  if (linkType === PFLOG) return { ...plainOffsets, type: 0, payload: 0, variablePayload: true, network: 0, networkWithoutSnap: 0 };
  const row = rows[linkType] ?? (linkType >= MATCHING_MIN && linkType <= MATCHING_MAX ? none : undefined);
  if (row === undefined) return filterError(`unknown data link type ${linkType} (min ${MATCHING_MIN}, max ${MATCHING_MAX})`);
  const [type, payload, network, networkWithoutSnap] = row;
  return { ...plainOffsets, type, payload, network, networkWithoutSnap };
}
