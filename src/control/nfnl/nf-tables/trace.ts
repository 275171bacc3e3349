import { NETLINK_NETFILTER } from '../../../netlink/constants.js';
import { NFT_MSG_TRACE, NFT_TRACETYPE_POLICY, type TraceAttributes, traceMessage } from '../../../netlink/nfnl/nf-tables.js';
import { NFNLGRP_NFTRACE } from '../../../netlink/nfnl/nfnetlink.js';
import type { Namespace } from '../../../net/core/namespace.js';
import type { PacketInfo } from '../../../net/netfilter/nf_tables/packet-info.js';
import type { TraceStep } from '../../../net/netfilter/nf_tables/trace.js';
import { GOTO, JUMP } from '../../../net/netfilter/nf_tables/verdict.js';
import type { NetlinkServer } from '../../netlink-kernel.js';
import { headerOf } from './context.js';

/** How much of the network's and the transport's header a trace shows (nft_trace_notify()). */
const NETWORK_BYTES = 40;
const TRANSPORT_BYTES = 20;
const LINK_BYTES = 18;

/** Tells of traced packets, step by step, where somebody listens (`nft monitor trace`). */
export function traces(server: NetlinkServer, namespace: Namespace): void {
  namespace.nfTables.onTrace = (packet, step) => {
    // Headers are shown with the first step in each base chain.
    const first = !packet.shown;
    packet.shown = true;
    if (!server.hasListeners(NETLINK_NETFILTER, namespace, NFNLGRP_NFTRACE)) return;
    server.notify({ protocol: NETLINK_NETFILTER, namespace, group: NFNLGRP_NFTRACE }, (writer, sequence, portId) =>
      traceMessage.build(
        writer,
        NFT_MSG_TRACE,
        0,
        sequence,
        portId,
        headerOf(namespace.nfTables, step.chain.table.family),
        describe(packet, step, first),
      ),
    );
  };
}

function describe(packet: PacketInfo, step: TraceStep, headers: boolean): TraceAttributes {
  const { skb } = packet;
  const policy = step.type === NFT_TRACETYPE_POLICY;
  const jumps = step.verdict === JUMP || step.verdict === GOTO;
  return {
    nfproto: packet.family,
    type: step.type,
    id: skb.trace,
    chain: step.chain.name,
    table: step.chain.table.name,
    ...(step.rule === null ? {} : { ruleHandle: step.rule.handle }),
    ...(policy
      ? { policy: step.verdict }
      : { verdict: { code: step.verdict >>> 0, ...(jumps && packet.target !== null ? { chain: packet.target.name } : {}) } }),
    ...(skb.mark === 0 ? {} : { mark: skb.mark }),
    ...(headers ? describeHeaders(packet) : {}),
  };
}

function describeHeaders(packet: PacketInfo): TraceAttributes {
  const { skb, input, output } = packet;
  const cut = (from: number, most: number) => skb.bytes.slice(from, Math.min(from + most, skb.tail));
  return {
    ...(input === null ? {} : { iif: input.ifindex, iiftype: input.type }),
    ...(output === null ? {} : { oif: output.ifindex, oiftype: output.type }),
    ...(skb.macHeader >= 0 && input !== null && input.hardHeaderBytes > 0 && skb.macHeader < skb.networkHeader
      ? { llHeader: cut(skb.macHeader, Math.min(LINK_BYTES, skb.networkHeader - skb.macHeader)) }
      : {}),
    networkHeader: cut(skb.networkHeader, NETWORK_BYTES),
    ...(packet.transport >= 0 && packet.fragmentOffset === 0 ? { transportHeader: cut(packet.transport, TRANSPORT_BYTES) } : {}),
  };
}
