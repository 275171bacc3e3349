import { EINVAL } from '../../base/errno.js';
import { AF_INET6 } from '../../netlink/constants.js';
import * as ip6 from '../../wire/ipv6.js';
import { newTxHash, rethinkTxHash } from '../core/tx-hash.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { SocketAddress } from '../core/socket.js';
import { FLOWINFO_MASK, FLOWLABEL_MASK } from '../ipv6/flow-label.js';
import { stateOf } from '../ipv6/flow-label-table.js';
import type { TcpRequest } from './request.js';
import type { Tcb } from './tcb.js';

/** What a connection of IPv6 to `address` goes with: 0, or -EINVAL where the label is somebody else's. Linux: tcp_v6_connect() */
export function chooseFlowLabel(sk: Tcb, address: SocketAddress): number {
  const labels = sk.flowLabels;
  const label = labels?.sends === true ? address.flowInfo & FLOWINFO_MASK : 0;
  if (!sk.namespace.ipv6.flowLabels.allows(sk, label & FLOWLABEL_MASK)) return -EINVAL;
  if (labels !== null) labels.label = label;
  sk.remote.flowInfo = label;
  sk.txHash = newTxHash(sk.tcp.stack.random);
  return 0;
}

/** Of the SYN at hand: its label, where the listener reflects labels. Linux: tcp_v6_init_req() */
export function takeFlowLabel(request: TcpRequest, skb: PacketBuffer): void {
  if (request.transport.layer.family !== AF_INET6) return;
  request.txHash = newTxHash(request.transport.tcp.stack.random);
  if (request.listener.flowLabels?.reflects === true) request.flowLabel = ip6.flowLabel(skb.view, skb.networkHeader);
}

/** A connection that came in goes with the label of its SYN-ACK. Linux: tcp_v6_syn_recv_sock() */
export function inheritFlowLabel(child: Tcb, request: TcpRequest): void {
  const { listener } = request;
  child.autoFlowLabel = listener.autoFlowLabel;
  child.txHash = request.txHash;
  if (listener.flowLabels === null) return;
  const labels = stateOf(child);
  labels.sends = listener.flowLabels.sends;
  labels.reflects = listener.flowLabels.reflects;
  labels.label = request.flowLabel;
}

/** Data from `start` on came a second time: perhaps our ACKs take a way that loses them. Linux: tcp_rcv_spurious_retrans() */
export function cameAgain(sk: Tcb, start: number, before: number): void {
  if (start === before && rethinkTxHash(sk)) sk.tcp.stats.TcpDuplicateDataRehash++;
}
