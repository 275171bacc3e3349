import type { PacketInfo } from '../nf_tables/packet-info.js';

/** What a rule wants to be told with a packet: of `log`, NFLOG and LOG. */
export interface LogValues {
  /** Left out: to the kernel's log. */
  readonly group?: number | undefined;
  readonly prefix?: string | undefined;
  /** Bytes of the packet; left out: what the listener asked for. */
  readonly snaplen?: number | undefined;
  readonly qthreshold?: number | undefined;
  readonly level?: number | undefined;
  /** NF_LOG_* */
  readonly flags?: number | undefined;
}

/** Programs that listen to groups of logged packets. */
export class LogGroups {
  readonly listeners = new Map<number, (packet: PacketInfo, values: LogValues) => void>();
  /** net.netfilter.nf_log_all_netns, of the first namespace: others write to the kernel's log as well. */
  allNamespaces = 0;
}
