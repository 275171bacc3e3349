import type { BridgeDevice } from './bridge-device.js';
import type { FdbEntry } from './fdb.js';
import type { MdbEntry, PortMembership } from './multicast/database.js';
import type { BridgePort } from './port.js';

/** What happens in a bridge and rtnetlink tells of: RTM_*NEIGH and RTM_*LINK of AF_BRIDGE. */
export type BridgeEvent =
  | { readonly type: 'fdbNew' | 'fdbDelete'; readonly bridge: BridgeDevice; readonly entry: FdbEntry }
  /** A port's state or settings are others. */
  | { readonly type: 'port'; readonly port: BridgePort }
  | { readonly type: 'portGone'; readonly port: BridgePort }
  /** A port, or the host (`membership` null), joined or left a group. */
  | {
      readonly type: 'mdbNew' | 'mdbDelete';
      readonly bridge: BridgeDevice;
      readonly entry: MdbEntry;
      readonly membership: PortMembership | null;
    }
  /** A multicast router is behind the port, in a VLAN (0: in any), or no longer. */
  | { readonly type: 'routerNew' | 'routerGone'; readonly bridge: BridgeDevice; readonly port: BridgePort; readonly vid: number }
  /** VLANs `first` to `last` of a port (null: of the bridge) came, changed or went. */
  | {
      readonly type: 'vlanNew' | 'vlanDelete';
      readonly bridge: BridgeDevice;
      readonly port: BridgePort | null;
      readonly first: number;
      readonly last: number;
    }
  /** Settings of the VLANs `vid` to `end` of the whole bridge changed. */
  | { readonly type: 'vlanSettings'; readonly bridge: BridgeDevice; readonly vid: number; readonly end: number }
  /** The VLANs of the bridge as a device. */
  | { readonly type: 'vlans'; readonly bridge: BridgeDevice };
