import type { LinkKind } from '../net/core/link-kind.js';
import { bond } from './bond/bond.js';
import { bridge } from './bridge.js';
import { dummy } from './dummy.js';
import { erspan, gre, gretap } from './gre/gre.js';
import { ipip, sit } from './ipip/ipip.js';
import { ifb } from './ifb.js';
import { ipvlan, ipvtap } from './ipvlan/ipvlan.js';
import { macvlan, macvtap } from './macvlan/macvlan.js';
import { nlmon } from './nlmon.js';
import { tun } from './tun.js';
import { veth } from './veth.js';
import { vlan } from './vlan.js';
import { vrf } from './vrf/vrf.js';
import { vxlan } from './vxlan/vxlan.js';

/** The link kinds of `ip link add ... type KIND`; a new kind is one file and one line here. */
export const linkKinds: readonly LinkKind[] = [
  bond,
  bridge,
  dummy,
  veth,
  vlan,
  vrf,
  vxlan,
  gre,
  gretap,
  erspan,
  ipip,
  sit,
  tun,
  ifb,
  nlmon,
  macvlan,
  macvtap,
  ipvlan,
  ipvtap,
];
