import type { AttributeShape, AttributeTable } from '../../attributes.js';
import { bondData } from './bond.js';
import { bridgeData } from './bridge.js';
import { dummyData } from './dummy.js';
import { greData } from './gre.js';
import { ipTunnelData } from './iptunnel.js';
import { ipvlanData } from './ipvlan.js';
import { macvlanData } from './macvlan.js';
import { tunData } from './tun.js';
import { vethData } from './veth.js';
import { vlanData } from './vlan.js';
import { vrfData } from './vrf.js';
import { vxlanData } from './vxlan.js';

/** IFLA_INFO_DATA by IFLA_INFO_KIND; a new kind is one file and one line here. */
export const linkDataTables: ReadonlyMap<string, AttributeTable<AttributeShape>> = new Map<string, AttributeTable<AttributeShape>>([
  ['bond', bondData],
  ['bridge', bridgeData],
  ['dummy', dummyData],
  ['veth', vethData],
  ['vlan', vlanData],
  ['vxlan', vxlanData],
  ['tun', tunData],
  ['gre', greData],
  ['gretap', greData],
  ['erspan', greData],
  ['ipip', ipTunnelData],
  ['sit', ipTunnelData],
  ['vrf', vrfData],
  ['macvlan', macvlanData],
  ['macvtap', macvlanData],
  ['ipvlan', ipvlanData],
  ['ipvtap', ipvlanData],
]);
