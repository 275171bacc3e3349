import { EEXIST, EINVAL, ENODEV, ESRCH } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { IP_VS_STATE_BACKUP, IP_VS_STATE_MASTER } from '../../../../netlink/genl/ip-vs.js';
import type { Ipvs } from '../ipvs.js';
import { BackupDaemon } from './backup.js';
import { MasterDaemon } from './master.js';

/** What a sync daemon is told (struct ipvs_sync_daemon_cfg). */
export interface DaemonConfig {
  /** IP_VS_STATE_* */
  readonly state: number;
  readonly device: string;
  /** Of messages with another a backup takes none; of a backup 0: it takes all. */
  readonly syncId: number;
  /** Bytes of a message, behind the UDP header; 0: what fits the device. */
  readonly maxLength: number;
  /** 0: 8848 */
  readonly port: number;
  /** 0: 1 */
  readonly ttl: number;
  /** Four words, of IPv4 the first; all zero: 224.0.0.81. */
  readonly group: Uint32Array;
  readonly sixGroup: boolean;
}

const DEFAULT_GROUP = 0xe000_0051;
const DEFAULT_PORT = 8848;
const DEFAULT_MTU = 1500;
const MOST = 65_535;
/** Backups take messages of at least so many bytes. */
const BACKUP_LEAST = 1024;

/** The daemons of one namespace: the master tells of its connections, the backup makes those that it hears of (ip_vs_sync.c). */
export class SyncDaemons {
  readonly #ipvs: Ipvs;
  #master: MasterDaemon | null = null;
  #backup: BackupDaemon | null = null;

  constructor(ipvs: Ipvs) {
    this.#ipvs = ipvs;
  }

  get running(): boolean {
    return this.#master !== null || this.#backup !== null;
  }

  /** A backup that is set to be nothing else (backup_only). */
  get backupOnly(): boolean {
    return this.#backup !== null && this.#ipvs.settings.backupOnly !== 0;
  }

  /** EINVAL, ENODEV, EEXIST. Linux: start_sync_thread() */
  start(wanted: DaemonConfig): void {
    if (wanted.state !== IP_VS_STATE_MASTER && wanted.state !== IP_VS_STATE_BACKUP) fail(EINVAL);
    const device = this.#ipvs.namespace.deviceByName(wanted.device) ?? fail(ENODEV);
    const backup = wanted.state === IP_VS_STATE_BACKUP;
    if ((backup ? this.#backup : this.#master) !== null) fail(EEXIST);
    const headers = (wanted.sixGroup ? 40 : 20) + 8;
    const mtu = backup ? Math.min(Math.max(device.mtu, DEFAULT_MTU), MOST) : DEFAULT_MTU;
    const least = backup ? BACKUP_LEAST : 1;
    const group = wanted.group.slice();
    if (group.every((word) => word === 0)) group[0] = DEFAULT_GROUP;
    const config: DaemonConfig = {
      ...wanted,
      maxLength: wanted.maxLength === 0 ? mtu - headers : Math.min(Math.max(wanted.maxLength, least), MOST - headers),
      port: wanted.port === 0 ? DEFAULT_PORT : wanted.port,
      ttl: wanted.ttl === 0 ? 1 : wanted.ttl,
      group,
    };
    if (backup) this.#backup = new BackupDaemon(this.#ipvs, config, device);
    else this.#master = new MasterDaemon(this.#ipvs, config, device);
  }

  /** EINVAL, ESRCH. Linux: stop_sync_thread() */
  stop(state: number): void {
    if (state === IP_VS_STATE_MASTER) {
      if (this.#master === null) return fail(ESRCH);
      this.#master.stop();
      this.#master = null;
    } else if (state === IP_VS_STATE_BACKUP) {
      if (this.#backup === null) return fail(ESRCH);
      this.#backup.stop();
      this.#backup = null;
    } else fail(EINVAL);
  }

  stopAll(): void {
    this.#master?.stop();
    this.#backup?.stop();
    this.#master = null;
    this.#backup = null;
  }

  /** Those that run, the master first. */
  configs(): DaemonConfig[] {
    return [this.#master, this.#backup].flatMap((daemon) => (daemon === null ? [] : [daemon.config]));
  }

  /** A packet from the client has passed, the connection's so many-th: perhaps backups are to hear of it. */
  passed(id: number, packets: number): void {
    this.#master?.passed(id, packets);
  }
}
