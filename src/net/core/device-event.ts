import type { NetDevice } from './device.js';
import type { Namespace } from './namespace.js';

/**
 * What happens to devices, in the order in which it happens (Linux's netdev notifier chain). Layers listen (addresses and routes
 * come and go with devices), and so does rtnetlink, which turns them into RTM_NEWLINK and RTM_DELLINK.
 */
export type DeviceEvent =
  | {
      readonly type: 'register' | 'unregister' | 'up' | 'goingDown' | 'down' | 'carrier' | 'mtu' | 'address' | 'features';
      readonly device: NetDevice;
    }
  /** Anything else that RTM_NEWLINK shows: flags, alias, group, txqlen, altnames, promiscuity... */
  | { readonly type: 'change'; readonly device: NetDevice; readonly flags: number }
  | { readonly type: 'rename'; readonly device: NetDevice; readonly oldName: string }
  | { readonly type: 'master'; readonly device: NetDevice; readonly master: NetDevice | null }
  /** The device left `from` (it is already in its new namespace); `newIfindex` as IFLA_NEW_IFINDEX tells. */
  | { readonly type: 'moved'; readonly device: NetDevice; readonly from: Namespace; readonly oldIfindex: number };
