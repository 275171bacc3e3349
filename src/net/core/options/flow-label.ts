import { EINVAL, ENOENT } from '../../../base/errno.js';
import { addressFromBytes } from '../../../wire/ipv6.js';
import { type FlowLabelRequest, stateOf } from '../../ipv6/flow-label-table.js';
import type { InetSocket } from '../inet-socket.js';
import { flagOption, intBytes, readInt } from '../socket-options.js';
import { keptFlag, type OptionEntry } from './kept.js';

/** IPV6_FLOWLABEL_MGR */
export const FLOWLABEL_MGR = 32;
/** sizeof(struct in6_flowlabel_req) */
export const REQUEST_BYTES = 32;

const ACTION_GET = 0;
const ACTION_PUT = 1;
const ACTION_RENEW = 2;

/**
 * struct in6_flowlabel_req: 0 destination | 16 label, be32 | 20 action, u8 | 21 share, u8 | 22 flags, u16 | 24 expires, u16 | 26 linger,
 * u16 | 28 -
 */
function readRequest(bytes: Uint8Array): FlowLabelRequest {
  const v = new DataView(bytes.buffer, bytes.byteOffset, REQUEST_BYTES);
  return {
    destination: addressFromBytes(bytes),
    label: v.getUint32(16),
    share: bytes[21]!,
    flags: v.getUint16(22, true),
    expires: v.getUint16(24, true),
    linger: v.getUint16(26, true),
  };
}

/** Sets IPV6_FLOWLABEL_MGR; the label that was found for one of 0 is written into `value`. Linux: ipv6_flowlabel_opt() */
function manage(socket: InetSocket, value: Uint8Array): number {
  if (value.length < REQUEST_BYTES) return -EINVAL;
  const request = readRequest(value);
  const { flowLabels } = socket.namespace.ipv6;
  switch (value[20]) {
    case ACTION_GET: {
      const result = flowLabels.get(socket, request);
      if (result === 0) new DataView(value.buffer, value.byteOffset).setUint32(16, request.label);
      return result;
    }
    case ACTION_PUT:
      return flowLabels.put(socket, request);
    case ACTION_RENEW:
      return flowLabels.renew(socket, request);
    default:
      return -EINVAL;
  }
}

/** Reads IPV6_FLOWLABEL_MGR: `given` is what the program's struct says. Linux: ipv6_flowlabel_opt_get() */
export function readFlowLabel(socket: InetSocket, given: Uint8Array): Uint8Array | number {
  if (given.length < REQUEST_BYTES || given[20] !== ACTION_GET) return -EINVAL;
  const about = socket.namespace.ipv6.flowLabels.about(socket, readRequest(given).flags);
  if (typeof about === 'number') return about;
  const bytes = new Uint8Array(REQUEST_BYTES);
  const v = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) v.setUint32(4 * i, about.destination[i]!);
  v.setUint32(16, about.label);
  v.setUint8(21, about.share);
  v.setUint16(24, Math.min(about.expires, 0xffff), true);
  v.setUint16(26, Math.min(about.linger, 0xffff), true);
  return bytes;
}

/** Without an answer of the socket auto_flowlabels decides: opted out and forced are yes. Linux: ip6_autoflowlabel() */
function automatic(socket: InetSocket): number {
  const mode = socket.namespace.ipv6.settings.autoFlowlabels;
  return socket.autoFlowLabel >= 0 ? socket.autoFlowLabel : mode & 1;
}

/** Options of IPPROTO_IPV6 about flow labels. */
export const flowLabelOptions: readonly OptionEntry[] = [
  keptFlag({ level: 41, option: 11, name: 'IPV6_FLOWINFO' }),
  [FLOWLABEL_MGR, { name: 'IPV6_FLOWLABEL_MGR', set: manage, get: () => -ENOENT }],
  [
    33,
    flagOption(
      'IPV6_FLOWINFO_SEND',
      (s) => s.flowLabels?.sends === true,
      (s, on) => {
        stateOf(s).sends = on;
      },
    ),
  ],
  [
    70,
    {
      name: 'IPV6_AUTOFLOWLABEL',
      get: (s) => intBytes(automatic(s)),
      set(s, value) {
        s.autoFlowLabel = value.length >= 4 && readInt(value) !== 0 ? 1 : 0;
        return 0;
      },
    },
  ],
];
