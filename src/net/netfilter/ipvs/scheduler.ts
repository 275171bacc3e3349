import type { RandomSource } from '../../../base/random.js';
import type { Destination } from './destination.js';
import type { IpvsPacket } from './packet.js';
import type { IpvsSettings } from './settings.js';

/** What a scheduler sees of its virtual service. */
export interface ScheduledService {
  /** The newest first. */
  readonly destinations: readonly Destination[];
  /** IP_VS_SVC_F_* */
  readonly flags: number;
  readonly settings: IpvsSettings;
  readonly random: RandomSource;
  nowMs(): number;
}

/** A way to choose real servers (struct ip_vs_scheduler): one file each, listed in schedulers/registry.ts. */
export interface Scheduler {
  /** As `ipvsadm -s` names it. */
  readonly name: string;
  /** It is there only where its module was loaded by name, as distributions do not build it. */
  readonly loadedByName?: boolean;
  start(service: ScheduledService): RunningScheduler;
}

/** A scheduler at work for one service. */
export interface RunningScheduler {
  /** The server for a new connection that begins with this packet; null: none takes it. */
  choose(packet: IpvsPacket): Destination | null;
  /** A server has come, gone, or has another weight. `gone`: which, and where in the list it was. */
  changed?(gone?: Destination, index?: number): void;
}
