import { sysctlGroups } from '../control/sysctl/registry.js';
import { SysctlTree } from '../control/sysctl/sysctl.js';
import { tcpSysctls } from '../control/sysctl/tcp.js';
import type { TapstackCommands } from '../control/tapstack/family.js';
import { procNetFolders, procNetViews } from '../control/procnet/registry.js';
import { moduleCommands } from '../control/tapstack/modules.js';
import { netnsCommands } from '../control/tapstack/netns.js';
import { procNetCommands } from '../control/tapstack/procnet.js';
import { socketCommands } from '../control/tapstack/sockets.js';
import { sysctlCommands } from '../control/tapstack/sysctl.js';
import { ethtoolCommands } from '../control/tapstack/ethtool.js';
import { tunnelCommands } from '../control/tapstack/tunnel.js';
import { multicastCommands } from '../control/tapstack/multicast.js';
import { tuntapCommands } from '../control/tapstack/tuntap.js';
import { loopbackModule } from '../drivers/loopback.js';
import { arpModule } from '../net/arp/module.js';
import type { NamespaceModule } from '../net/core/stack.js';
import { ipv4Module } from '../net/ipv4/module.js';
import { nexthopModule } from '../net/nexthop/module.js';
import { Ipv4Routes } from '../net/ipv4/routes.js';
import { ipv6Module } from '../net/ipv6/module.js';
import { ndiscModule } from '../net/ndisc/module.js';
import { packetModule } from '../net/packet/module.js';
import { netfilterModule } from '../net/netfilter/module.js';
import { rawModule } from '../net/raw/module.js';
import { tcpModule } from '../net/tcp/module.js';
import { udpModule } from '../net/udp/module.js';
import { unixModule } from '../net/unix/module.js';

/** What every namespace is made of, in the order in which it gets it; the loopback comes last. */
export const namespaceModules: readonly NamespaceModule[] = [
  nexthopModule,
  ipv4Module((ipv4) => new Ipv4Routes(ipv4)),
  arpModule,
  ipv6Module,
  ndiscModule,
  netfilterModule,
  udpModule,
  // Behind UDP, which is what SOCK_DGRAM without a protocol means.
  rawModule,
  packetModule,
  unixModule,
  tcpModule,
  loopbackModule,
];

/** /proc/sys/net. */
export const sysctls = new SysctlTree([...sysctlGroups, tcpSysctls((namespace) => namespace.tcp.settings)]);

/** Commands of the `tapstack` family that every instance has. */
export const tapstackCommands: readonly TapstackCommands[] = [
  netnsCommands,
  sysctlCommands(sysctls),
  procNetCommands(procNetViews, procNetFolders),
  () => socketCommands(),
  multicastCommands,
  tuntapCommands,
  moduleCommands,
  ethtoolCommands,
  tunnelCommands,
];
