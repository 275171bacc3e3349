import { IP_VS_CONN_F_HASHED, IP_VS_CONN_F_ONE_PACKET, IP_VS_CONN_F_TEMPLATE } from '../../../../netlink/genl/ip-vs.js';
import type { NetDevice } from '../../../core/device.js';
import type { Ipvs } from '../ipvs.js';
import { CLIENT, CONTROL, DESTINATION, FLAGS, FWMARK, PACKETS, SYNCED, TIMEOUT, VIRTUAL } from '../layout.js';
import { protocolOf } from '../protocols/registry.js';
import type { DaemonConfig } from './daemons.js';
import { syncedConnection } from './message.js';
import { SyncSender } from './sender.js';

/** Within the period of refreshing a connection is told of again at most so often (sync_retries), in the bits of its time. */
const RETRIES_MASK = 3;
/** A connection is refreshed before half its timeout is over, but for those of less than so many milliseconds. */
const LEAST_REFRESH_MS = 10_000;

/** Tells backups of this namespace's connections, by as many sockets as sync_ports says. */
export class MasterDaemon {
  readonly config: DaemonConfig;
  readonly #ipvs: Ipvs;
  readonly #senders: readonly SyncSender[];
  readonly #entry = syncedConnection();

  constructor(ipvs: Ipvs, config: DaemonConfig, device: NetDevice) {
    this.#ipvs = ipvs;
    this.config = config;
    const ports = Array.from({ length: ipvs.settings.syncPorts }, (_, i) => config.port + i);
    this.#senders = ports.map((port) => new SyncSender(ipvs, { ...config, port }, device));
  }

  stop(): void {
    for (const sender of this.#senders) sender.stop();
  }

  /** Linux: ip_vs_sync_conn() */
  passed(id: number, packets: number): void {
    const { connections, settings } = this.#ipvs;
    const { table } = connections;
    let count = packets;
    for (let at = id; at !== 0; at = table.get(at, CONTROL)) {
      const template = (table.get(at, FLAGS) & IP_VS_CONN_F_TEMPLATE) !== 0;
      if (at !== id) {
        // What connections belong to is told of with them.
        if (template) {
          count = table.get(at, PACKETS) + 1;
          table.set(at, PACKETS, count);
        } else count = settings.syncThreshold[0]!;
      }
      if ((table.get(at, FLAGS) & IP_VS_CONN_F_ONE_PACKET) !== 0) return;
      if (settings.syncPersistMode !== 0 && this.#isPersistent(at)) continue;
      if (this.#needed(at, count, template)) this.#tell(at);
    }
  }

  /** It belongs to a template. Linux: in_persistence() */
  #isPersistent(id: number): boolean {
    const { table } = this.#ipvs.connections;
    for (let at = table.get(id, CONTROL); at !== 0; at = table.get(at, CONTROL))
      if ((table.get(at, FLAGS) & IP_VS_CONN_F_TEMPLATE) !== 0) return true;
    return false;
  }

  /** Linux: ip_vs_sync_conn_needed() */
  #needed(id: number, packets: number, template: boolean): boolean {
    const { connections, settings } = this.#ipvs;
    const { table } = connections;
    const state = table.state(id);
    const protocol = template ? null : protocolOf(table.protocol(id));
    const timeout = table.get(id, TIMEOUT);
    const now = this.#ipvs.nowMs();
    let end = (now + timeout) & ~RETRIES_MASK;
    let changed = false;
    if (protocol !== null && protocol.syncedStates !== null) {
      // Changes that matter are told at once, states in between not at all.
      if (!protocol.syncedStates.includes(state)) return false;
      changed = state !== table.toldState(id);
      if (changed && state !== protocol.established) return this.#toldUntil(id, end);
    }
    const refresh = settings.syncRefreshPeriod * 1000;
    const last = table.get(id, SYNCED);
    if (refresh > 0) {
      if (Math.abs((end - last) | 0) < Math.min(refresh, Math.max(timeout >>> 1, LEAST_REFRESH_MS))) {
        const retries = last & RETRIES_MASK;
        if (retries >= settings.syncRetries) return false;
        if (((now - (last - timeout + (refresh >>> 3))) | 0) < 0) return false;
        end |= retries + 1;
      }
    }
    const [threshold = 3, period = 50] = settings.syncThreshold;
    if (period > 0) {
      if (!template && packets % period !== threshold) return false;
    } else if (refresh <= 0 && packets !== threshold) return false;
    return this.#toldUntil(id, end);
  }

  #toldUntil(id: number, end: number): true {
    const { table } = this.#ipvs.connections;
    table.set(id, SYNCED, end | 0);
    table.setToldState(id, table.state(id));
    return true;
  }

  #tell(id: number): void {
    const { table } = this.#ipvs.connections;
    const entry = this.#entry;
    entry.family = table.family(id);
    entry.protocol = table.protocol(id);
    entry.flags = table.get(id, FLAGS) & ~IP_VS_CONN_F_HASHED;
    entry.state = table.state(id);
    entry.clientPort = table.clientPort(id);
    entry.virtualPort = table.virtualPort(id);
    entry.serverPort = table.serverPort(id);
    entry.fwmark = table.get(id, FWMARK) >>> 0;
    entry.timeoutSeconds = Math.floor(table.get(id, TIMEOUT) / 1000);
    table.readAddress(id, CLIENT, entry.client);
    table.readAddress(id, VIRTUAL, entry.virtual);
    table.readAddress(id, DESTINATION, entry.server);
    this.#senders[id & (this.#senders.length - 1)]!.tell(entry);
  }
}
