import type { PacketInfo } from '../nf_tables/packet-info.js';
import type { LogValues } from './groups.js';
import { describePacket } from './syslog.js';

export type { LogValues } from './groups.js';

/** A packet is told of: to who listens to its group, or to the kernel's log. Linux: nf_log_packet() */
export function logPacket(packet: PacketInfo, values: LogValues): void {
  const { namespace, logs } = packet.tables;
  if (values.group !== undefined) {
    logs.listeners.get(values.group)?.(packet, values);
    return;
  }
  const { stack } = namespace;
  // A network must not fill the log of the host that it is on. Linux: nf_log_ip_packet()
  if (namespace !== stack.initial && stack.initial.nfTables.logs.allNamespaces === 0) return;
  stack.log.add(describePacket(packet, values.prefix ?? '', values.flags ?? 0));
}
