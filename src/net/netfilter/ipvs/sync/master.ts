import { Timer } from '../../../../base/timer-wheel.js';
import { IP_VS_CONN_F_HASHED, IP_VS_CONN_F_ONE_PACKET, IP_VS_CONN_F_TEMPLATE } from '../../../../netlink/genl/ip-vs.js';
import type { NetDevice } from '../../../core/device.js';
import type { UdpSocket } from '../../../udp/udp-socket.js';
import type { Ipvs } from '../ipvs.js';
import { CLIENT, CONTROL, DESTINATION, FLAGS, FWMARK, SYNC_FLAGS, SYNCED, SYNCED_ONCE, TIMEOUT, VIRTUAL } from '../layout.js';
import { protocolOf } from '../protocols/registry.js';
import type { DaemonConfig } from './daemons.js';
import { entryBytes, HEADER, syncedConnection, writeEntry, writeHeader } from './message.js';
import { sendingSocket } from './socket.js';

/** What was told of is sent after so long, if no more comes. Linux: IPVS_SYNC_FLUSH_TIME */
const FLUSH_US = 2_000_000;
/** Connections that one message says of at most. */
const MOST = 255;
const TCP = 6;
const ESTABLISHED = 1;

/** Tells backups of this namespace's connections (the thread of sync_thread_master()). */
export class MasterDaemon {
  readonly config: DaemonConfig;
  readonly #ipvs: Ipvs;
  readonly #socket: UdpSocket;
  readonly #message: Uint8Array;
  readonly #view: DataView;
  readonly #entry = syncedConnection();
  readonly #flush = new Timer(() => this.#send());
  #bytes = HEADER;
  #count = 0;

  constructor(ipvs: Ipvs, config: DaemonConfig, device: NetDevice) {
    this.#ipvs = ipvs;
    this.config = config;
    this.#socket = sendingSocket(ipvs, config, device);
    this.#message = new Uint8Array(config.maxLength);
    this.#view = new DataView(this.#message.buffer);
  }

  stop(): void {
    this.#send();
    this.#ipvs.namespace.stack.timers.cancel(this.#flush);
    this.#socket.close();
  }

  /** Linux: ip_vs_sync_conn() */
  passed(id: number, packets: number): void {
    const { table } = this.#ipvs.connections;
    const flags = table.get(id, FLAGS);
    if ((flags & IP_VS_CONN_F_ONE_PACKET) !== 0 || !this.#needed(id, packets)) return;
    this.#tell(id);
    // The template is told of with each connection that belongs to it.
    const template = table.get(id, CONTROL);
    if (template !== 0 && (table.get(template, FLAGS) & IP_VS_CONN_F_HASHED) !== 0) this.#tell(template);
  }

  /** Linux: ip_vs_sync_conn_needed() */
  #needed(id: number, packets: number): boolean {
    const { connections, settings } = this.#ipvs;
    const { table } = connections;
    const state = table.state(id);
    const told = table.toldState(id);
    const once = (table.get(id, SYNC_FLAGS) & SYNCED_ONCE) !== 0;
    const [threshold = 3, period = 50] = settings.syncThreshold;
    const tcp = table.protocol(id) === TCP;
    if (settings.syncPersistMode !== 0 && table.get(id, CONTROL) !== 0) return false;
    if (tcp) {
      // Changes that matter are told at once, states in between not at all.
      if (!(state === ESTABLISHED || state === 4 || state === 5 || state === 6 || state === 7)) return false;
      if (once && protocolOf(TCP)!.tells(told, state)) return true;
    }
    const refresh = settings.syncRefreshPeriod * 1000;
    if (refresh > 0) {
      const now = this.#ipvs.nowMs();
      if (once && ((now - table.get(id, SYNCED)) | 0) < Math.min(refresh, table.get(id, TIMEOUT))) return false;
      return packets >= threshold;
    }
    if (period > 0) return packets % period === threshold;
    return packets === threshold || (threshold === 0 && !once);
  }

  #tell(id: number): void {
    const { table } = this.#ipvs.connections;
    const family = table.family(id);
    const bytes = entryBytes(family);
    if (this.#bytes + bytes > this.#message.length || this.#count === MOST) this.#send();
    if (HEADER + bytes > this.#message.length) return;
    const entry = this.#entry;
    const flags = table.get(id, FLAGS);
    entry.family = family;
    entry.protocol = table.protocol(id);
    entry.flags = flags & ~IP_VS_CONN_F_HASHED;
    entry.state = table.state(id);
    entry.clientPort = table.clientPort(id);
    entry.virtualPort = table.virtualPort(id);
    entry.serverPort = table.serverPort(id);
    entry.fwmark = table.get(id, FWMARK) >>> 0;
    entry.timeoutSeconds = Math.floor(table.get(id, TIMEOUT) / 1000);
    table.readAddress(id, CLIENT, entry.client);
    table.readAddress(id, VIRTUAL, entry.virtual);
    table.readAddress(id, DESTINATION, entry.server);
    this.#bytes += writeEntry(this.#view, this.#bytes, entry);
    this.#count++;
    if ((flags & IP_VS_CONN_F_TEMPLATE) === 0) table.setToldState(id, table.state(id));
    table.set(id, SYNC_FLAGS, SYNCED_ONCE);
    table.set(id, SYNCED, this.#ipvs.nowMs() | 0);
    const { stack } = this.#ipvs.namespace;
    if (!this.#flush.armed) stack.timers.schedule(this.#flush, stack.nowUs + FLUSH_US);
  }

  #send(): void {
    this.#ipvs.namespace.stack.timers.cancel(this.#flush);
    if (this.#count === 0) return;
    writeHeader(this.#view, this.config.syncId, this.#bytes, this.#count);
    // What cannot be sent now is lost: later packets tell again.
    this.#socket.send(this.#message, 0, this.#bytes, 0, null);
    this.#bytes = HEADER;
    this.#count = 0;
  }
}
