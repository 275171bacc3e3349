import {
  IP_VS_CONN_F_BACKUP_MASK,
  IP_VS_CONN_F_BACKUP_UPD_MASK,
  IP_VS_CONN_F_INACTIVE,
  IP_VS_CONN_F_SYNC,
  IP_VS_CONN_F_TEMPLATE,
} from '../../../../netlink/genl/ip-vs.js';
import type { NetDevice } from '../../../core/device.js';
import type { UdpSocket } from '../../../udp/udp-socket.js';
import { ConnectionKey } from '../connection-table.js';
import type { Ipvs } from '../ipvs.js';
import { DEST, DESTINATION, FLAGS } from '../layout.js';
import { protocolOf } from '../protocols/registry.js';
import type { DaemonConfig } from './daemons.js';
import { HEADER_V0, readEntryV0 } from './message-v0.js';
import { HEADER, readEntry, type SyncedConnection, syncedConnection, VERSION } from './message.js';
import { receivingSocket } from './socket.js';

/** A connection that the master says nothing more of is kept so long. Linux: IP_VS_SYNC_CONN_TIMEOUT */
const TIMEOUT_MS = 180_000;
const MOST_SECONDS = 2_000_000;

/** Makes the connections that a master tells of (the thread of sync_thread_backup()). */
export class BackupDaemon {
  readonly config: DaemonConfig;
  readonly #ipvs: Ipvs;
  readonly #sockets: readonly UdpSocket[];
  readonly #buffer: Uint8Array;
  readonly #view: DataView;
  readonly #entry = syncedConnection();
  readonly #key = new ConnectionKey();

  constructor(ipvs: Ipvs, config: DaemonConfig, device: NetDevice) {
    this.#ipvs = ipvs;
    this.config = config;
    this.#buffer = new Uint8Array(config.maxLength);
    this.#view = new DataView(this.#buffer.buffer);
    const ports = Array.from({ length: ipvs.settings.syncPorts }, (_, i) => config.port + i);
    this.#sockets = ports.map((port) => {
      const socket = receivingSocket(ipvs, { ...config, port }, device);
      socket.onReady = () => this.#receive(socket);
      return socket;
    });
  }

  stop(): void {
    for (const socket of this.#sockets) {
      socket.onReady = null;
      socket.close();
    }
  }

  #receive(socket: UdpSocket): void {
    for (;;) {
      const bytes = socket.receive(this.#buffer, 0, this.#buffer.length, 0, null);
      if (bytes < 0) return;
      this.#process(bytes);
    }
  }

  /** Linux: ip_vs_process_message() */
  #process(bytes: number): void {
    const v = this.#view;
    if (bytes < HEADER_V0 || v.getUint16(2) !== bytes) return;
    if (this.config.syncId !== 0 && v.getUint8(1) !== this.config.syncId) return;
    // What version 1 has as zero is the number of connections in version 0.
    const first = bytes >= HEADER && v.getUint8(0) === 0 && v.getUint8(5) === VERSION && v.getUint16(6) === 0;
    const count = v.getUint8(first ? 4 : 0);
    const read = first ? readEntry : readEntryV0;
    let at = first ? HEADER : HEADER_V0;
    for (let i = 0; i < count; i++) {
      const size = read(v, at, bytes, this.#entry);
      // What is broken ends the message.
      if (size === 0) return;
      at += size;
      this.#take(this.#entry);
    }
  }

  /** Linux: ip_vs_proc_sync_conn(), ip_vs_proc_conn() */
  #take(entry: SyncedConnection): void {
    const { connections } = this.#ipvs;
    const { table } = connections;
    const template = (entry.flags & IP_VS_CONN_F_TEMPLATE) !== 0;
    const protocol = protocolOf(entry.protocol);
    if (!template && (protocol === null || entry.state >= protocol.states.length)) return;
    const key = this.#key.set(entry.family, entry.protocol, entry.client, entry.clientPort, entry.virtual, entry.virtualPort);
    let id = template ? table.findTemplate(key) : table.findIn(key);
    if (id !== 0 && (table.serverPort(id) !== entry.serverPort || !this.#sameServer(id, entry))) {
      // The master has it to another server by now.
      if (template) return;
      connections.expire(id);
      id = 0;
    }
    if (id === 0) {
      const name = {
        family: entry.family,
        protocol: entry.protocol,
        address: entry.virtual,
        port: entry.virtualPort,
        fwmark: entry.fwmark,
      };
      const server = this.#ipvs.findDestination(name, entry.family, entry.server, entry.serverPort);
      const flags = (entry.flags & IP_VS_CONN_F_BACKUP_MASK) | IP_VS_CONN_F_SYNC;
      id = connections.create(key, server, entry.family, entry.server, entry.serverPort, flags, entry.fwmark);
    } else if (!template) {
      connections.setActive(id, (entry.flags & IP_VS_CONN_F_INACTIVE) === 0);
      const kept = table.get(id, FLAGS) & ~IP_VS_CONN_F_BACKUP_UPD_MASK;
      table.set(id, FLAGS, kept | (entry.flags & IP_VS_CONN_F_BACKUP_UPD_MASK));
      if (table.get(id, DEST) === 0) this.#bindLater(id, entry);
    }
    table.setState(id, entry.state);
    table.setToldState(id, entry.state);
    // A timeout that was told is the master's; else of what is usual here.
    const told = Math.min(entry.timeoutSeconds, MOST_SECONDS) * 1000;
    connections.setTimeout(
      id,
      told > 0 ? told : template || protocol === null ? TIMEOUT_MS : this.#ipvs.timeoutsMs(entry.protocol)[entry.state]!,
    );
    connections.put(id);
  }

  /** A service that was made here after the connection. Linux: ip_vs_try_bind_dest() */
  #bindLater(id: number, entry: SyncedConnection): void {
    const name = { family: entry.family, protocol: entry.protocol, address: entry.virtual, port: entry.virtualPort, fwmark: entry.fwmark };
    const server = this.#ipvs.findDestination(name, entry.family, entry.server, entry.serverPort);
    if (server !== null) this.#ipvs.connections.bind(id, server);
  }

  #sameServer(id: number, entry: SyncedConnection): boolean {
    const { table } = this.#ipvs.connections;
    table.readAddress(id, DESTINATION, scratch);
    return scratch.every((word, i) => word === entry.server[i]);
  }
}

const scratch = new Uint32Array(4);
