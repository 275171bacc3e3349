import type { NetDevice } from './device.js';
import type { Namespace } from './namespace.js';

/**
 * What happens to devices, in the order in which it happens (Linux's netdev notifier chain and the calls of rtmsg_ifinfo()
 * between its links). Layers listen: addresses and routes come and go with devices. So does rtnetlink, which sends
 *
 * - RTM_NEWLINK with `flags` as ifi_change for `change`, and with ifi_change 0 for `mtu`, `address`, `features`, `rename`, `master`,
 *   `txQueueLength` (rtnetlink_event());
 * - the same for `lowerState`, and with an IFLA_EVENT that names it for `bondingFailover`, `notifyPeers`, `resendIgmp`;
 * - RTM_DELLINK for `unlisted`;
 * - nothing for `ethtool`, `register`, `unregister`, `up`, `goingDown`, `down`, `carrier`: a `change` stands before or behind them where
 *   Linux sends a message. For `carrier` (NETDEV_CHANGE) it comes right behind.
 */
export type DeviceEvent =
  | {
      readonly type: 'register' | 'unregister' | 'up' | 'goingDown' | 'down' | 'carrier' | 'mtu' | 'address' | 'features' | 'txQueueLength';
      readonly device: NetDevice;
    }
  /**
   * Of a bond: another slave does its work (NETDEV_BONDING_FAILOVER); neighbours are to hear where its addresses are
   * (NETDEV_NOTIFY_PEERS) and routers which groups it is in (NETDEV_RESEND_IGMP). Of a slave: it works or is spare from now on
   * (NETDEV_CHANGELOWERSTATE).
   */
  | { readonly type: 'bondingFailover' | 'notifyPeers' | 'resendIgmp' | 'lowerState'; readonly device: NetDevice }
  /** An ioctl() has set what ethtool's family tells by `notification`, an ETHTOOL_MSG_*_NTF (ethtool_notify()). */
  | { readonly type: 'ethtool'; readonly device: NetDevice; readonly notification: number }
  /** What RTM_NEWLINK shows has changed: flags, alias, group, altnames, ... `flags` are the IFF_* that did; ~0 for a new device. */
  | { readonly type: 'change'; readonly device: NetDevice; readonly flags: number }
  | { readonly type: 'rename'; readonly device: NetDevice; readonly oldName: string }
  /** `upper` is whose member it has become, or no longer is. */
  | { readonly type: 'master'; readonly device: NetDevice; readonly master: NetDevice | null; readonly upper: NetDevice }
  /**
   * After `unregister`, when all layers have let go: the device leaves this namespace, for good or for `movedTo`, where it will
   * have `newIfindex` (0: gone). Its name, ifindex and namespace are still the old ones.
   */
  | { readonly type: 'unlisted'; readonly device: NetDevice; readonly movedTo: Namespace | null; readonly newIfindex: number };
