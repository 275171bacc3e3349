import { ETHTOOL_FAMILY, ETHTOOL_MONITOR_GROUP, ETHTOOL_VERSION } from '../../../netlink/genl/ethtool/constants.js';
import { Answer } from '../../../netlink/genl/ethtool/constants.js';
import type { EthtoolShape } from '../../../netlink/genl/ethtool/messages.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { Namespace } from '../../../net/core/namespace.js';
import type { GenlFamilyMaker } from '../generic-netlink.js';
import { features } from './features.js';
import { debug, linkinfo, linkmodes, linkstate, wol } from './link.js';
import { commandsOf, type EthtoolObject, Monitor } from './object.js';
import { moduleEeprom } from './module-eeprom.js';
import { cableTests, eee, fec, moduleObject, phcVclocks, privflags, pse, tsinfo, tunnelInfo } from './others.js';
import { channels, coalesce, pause, rings } from './parameters.js';
import { stats } from './stats.js';
import { strset } from './strset.js';

/** What an ioctl() sets, and netlink tells. */
const setByIoctl = [
  linkinfo,
  linkmodes,
  debug,
  wol,
  privflags,
  rings,
  channels,
  coalesce,
  pause,
] as unknown as readonly EthtoolObject<EthtoolShape>[];

function tellSet(monitor: Monitor, device: NetDevice, notification: number): void {
  const object = setByIoctl.find(({ set }) => set?.notification === notification);
  if (object !== undefined) monitor.notify(device, object, notification);
}

/** "ethtool": what devices tell of themselves, and how they are tuned. */
export const ethtoolFamily: GenlFamilyMaker = (server, registered) => {
  const monitor = new Monitor(server, registered);
  // Linux: ethnl_netdev_event()
  const watch = (namespace: Namespace) =>
    namespace.deviceEvents.subscribe((event) => {
      if (event.type === 'features') monitor.notify(event.device, features, Answer.FEATURES_NTF);
      else if (event.type === 'ethtool') tellSet(monitor, event.device, event.notification);
    });
  for (const namespace of server.stack.namespaces.values()) watch(namespace);
  server.stack.namespaceEvents.subscribe((event) => {
    if (event.type === 'created') watch(event.namespace);
  });
  return {
    name: ETHTOOL_FAMILY,
    version: ETHTOOL_VERSION,
    // Each command has attributes of its own; the family names none.
    maxAttribute: 0,
    multicastGroups: [ETHTOOL_MONITOR_GROUP],
    commands: [
      strset,
      ...commandsOf(linkinfo, monitor),
      ...commandsOf(linkmodes, monitor),
      ...commandsOf(linkstate, monitor),
      ...commandsOf(debug, monitor),
      ...commandsOf(wol, monitor),
      ...commandsOf(features, monitor),
      ...commandsOf(privflags, monitor),
      ...commandsOf(rings, monitor),
      ...commandsOf(channels, monitor),
      ...commandsOf(coalesce, monitor),
      ...commandsOf(pause, monitor),
      ...commandsOf(eee, monitor),
      ...commandsOf(tsinfo, monitor),
      ...cableTests,
      ...commandsOf(tunnelInfo, monitor),
      ...commandsOf(fec, monitor),
      ...commandsOf(moduleEeprom, monitor),
      ...commandsOf(stats, monitor),
      ...commandsOf(phcVclocks, monitor),
      ...commandsOf(moduleObject, monitor),
      ...commandsOf(pse, monitor),
    ],
  };
};
