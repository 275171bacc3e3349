import { Timer } from '../../../../base/timer-wheel.js';
import { AF_INET } from '../../../../netlink/constants.js';
import type { NetDevice } from '../../../core/device.js';
import type { UdpSocket } from '../../../udp/udp-socket.js';
import type { Ipvs } from '../ipvs.js';
import type { DaemonConfig } from './daemons.js';
import { entryBytes, HEADER, type SyncedConnection, writeEntry, writeHeader } from './message.js';
import { ENTRY_V0, HEADER_V0, writeEntryV0, writeHeaderV0 } from './message-v0.js';
import { sendingSocket } from './socket.js';

/** What was told of is sent after so long, if no more comes. Linux: IPVS_SYNC_FLUSH_TIME */
const FLUSH_US = 2_000_000;
/** Connections that one message says of at most. */
const MOST = 255;

/** One socket of a master: what it tells is gathered into messages (one thread of sync_thread_master()). */
export class SyncSender {
  readonly #ipvs: Ipvs;
  readonly #config: DaemonConfig;
  readonly #socket: UdpSocket;
  readonly #message: Uint8Array;
  readonly #view: DataView;
  readonly #flush = new Timer(() => this.send());
  /** The protocol's version, of the message that is being made. */
  #version = 1;
  #bytes = HEADER;
  #count = 0;

  constructor(ipvs: Ipvs, config: DaemonConfig, device: NetDevice) {
    this.#ipvs = ipvs;
    this.#config = config;
    this.#socket = sendingSocket(ipvs, config, device);
    this.#message = new Uint8Array(config.maxLength);
    this.#view = new DataView(this.#message.buffer);
  }

  stop(): void {
    this.send();
    this.#ipvs.namespace.stack.timers.cancel(this.#flush);
    this.#socket.close();
  }

  /** False: this version of the protocol cannot say it, or it fits no message. */
  tell(entry: SyncedConnection): boolean {
    const version = this.#ipvs.settings.syncVersion;
    if (version !== this.#version) {
      this.send();
      this.#version = version;
      this.#bytes = version === 0 ? HEADER_V0 : HEADER;
    }
    if (version === 0 && entry.family !== AF_INET) return false;
    const bytes = version === 0 ? ENTRY_V0 : entryBytes(entry.family);
    if (this.#bytes + bytes > this.#message.length || this.#count === MOST) this.send();
    if (this.#bytes + bytes > this.#message.length) return false;
    this.#bytes += version === 0 ? writeEntryV0(this.#view, this.#bytes, entry) : writeEntry(this.#view, this.#bytes, entry);
    this.#count++;
    const { stack } = this.#ipvs.namespace;
    if (!this.#flush.armed) stack.timers.schedule(this.#flush, stack.nowUs + FLUSH_US);
    return true;
  }

  send(): void {
    this.#ipvs.namespace.stack.timers.cancel(this.#flush);
    if (this.#count === 0) return;
    const write = this.#version === 0 ? writeHeaderV0 : writeHeader;
    write(this.#view, this.#config.syncId, this.#bytes, this.#count);
    // What cannot be sent now is lost: later packets tell again.
    this.#socket.send(this.#message, 0, this.#bytes, 0, null);
    this.#bytes = this.#version === 0 ? HEADER_V0 : HEADER;
    this.#count = 0;
  }
}
