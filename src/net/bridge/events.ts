import type { BridgeDevice } from './bridge-device.js';
import type { FdbEntry } from './fdb.js';
import type { BridgePort } from './port.js';

/** What happens in a bridge and rtnetlink tells of: RTM_*NEIGH and RTM_*LINK of AF_BRIDGE. */
export type BridgeEvent =
  | { readonly type: 'fdbNew' | 'fdbDelete'; readonly bridge: BridgeDevice; readonly entry: FdbEntry }
  /** A port's state or settings are others. */
  | { readonly type: 'port'; readonly port: BridgePort }
  | { readonly type: 'portGone'; readonly port: BridgePort }
  /** The VLANs of the bridge as a device. */
  | { readonly type: 'vlans'; readonly bridge: BridgeDevice };
