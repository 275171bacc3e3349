import { AF_INET } from '../../netlink/constants.js';
import { CommandFailure } from '../shared/failure.js';

/** What is to be done, and how it is called in what is said of it. */
export const commandNames = {
  addService: 'add-service',
  editService: 'edit-service',
  deleteService: 'delete-service',
  flush: 'flush',
  addServer: 'add-server',
  editServer: 'edit-server',
  deleteServer: 'delete-server',
  list: 'list',
  set: 'set',
  startDaemon: 'start-daemon',
  stopDaemon: 'stop-daemon',
  restore: 'restore',
  save: 'save',
  zero: 'zero',
} as const;
export type IpvsadmCommand = keyof typeof commandNames | 'help' | 'version';

/** Options by the names that messages call them, in the order in which they are looked at. */
export const optionNames = [
  'numeric',
  'connection',
  'service-address',
  'scheduler',
  'persistent',
  'netmask',
  'real-server',
  'forwarding-method',
  'weight',
  'u-threshold',
  'l-threshold',
  'mcast-interface',
  'timeout',
  'daemon',
  'stats',
  'rate',
  'thresholds',
  'persistent-conn',
  'nosort',
  'syncid',
  'exact',
  'ops',
  'pe',
  'sync-maxlen',
  'mcast-group',
  'mcast-port',
  'mcast-ttl',
  'sched-flags',
  'tun-info',
  'tun-type',
  'tun-port',
  'tun-nocsum',
  'tun-csum',
  'tun-remcsum',
] as const;
export type OptionName = (typeof optionNames)[number];

/** An address with its family; of IPv4 four bytes. */
export interface HostAddress {
  readonly family: number;
  readonly bytes: Uint8Array;
}

/** What a command line of ipvsadm says. */
export class IpvsadmWords {
  command: IpvsadmCommand = 'help';
  readonly options = new Set<OptionName>();
  // The service.
  family: number = AF_INET;
  /** 0: no service was named yet. */
  protocol = 0;
  address: HostAddress = { family: AF_INET, bytes: new Uint8Array(4) };
  port = 0;
  fwmark = 0;
  scheduler = '';
  schedulerFlags = '';
  /** Seconds; 0: not persistent. */
  persistent = 0;
  netmask = 0xffff_ffff;
  engine = '';
  onePacket = false;
  // The server.
  server: HostAddress | null = null;
  serverPort = 0;
  /** IP_VS_CONN_F_* */
  forward = 3;
  weight = 1;
  upper = 0;
  lower = 0;
  tunnelType = 0;
  tunnelPort = 0;
  tunnelFlags = 0;
  // Daemons and timeouts.
  state = 0;
  interface = '';
  syncId = 0;
  syncMaxlen = 0;
  group: HostAddress | null = null;
  groupPort = 0;
  groupTtl = 0;
  timeouts: readonly number[] = [];

  /** An option that may come once. */
  take(option: OptionName): void {
    if (this.options.has(option)) throw refusal(`multiple '${option}' options specified`);
    this.options.add(option);
  }

  has(option: OptionName): boolean {
    return this.options.has(option);
  }
}

/** What was written cannot be. */
export const refusal = (text: string) => new CommandFailure(2, `${text}\n`);
