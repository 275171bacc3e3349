import { type IpObject, once } from './object.js';

/** An object of `ip`, loaded when it is wanted. */
export interface RegisteredObject {
  readonly name: string;
  /** A promise the first time. */
  readonly load: () => IpObject | Promise<IpObject>;
}

const link = once(async () => (await import('./link/link.js')).link);
const address = once(async () => (await import('./address/address.js')).address);
const route = once(async () => (await import('./route/route.js')).route);
const nexthop = once(async () => (await import('./nexthop/nexthop.js')).nexthop);
const rule = once(async () => (await import('./rule/rule.js')).rule);
const neighbour = once(async () => (await import('./neigh/neigh.js')).neighbour);
const ntable = once(async () => (await import('./ntable/ntable.js')).ntable);
const tunnel = once(async () => (await import('./tunnel/tunnel.js')).tunnel);
const tuntap = once(async () => (await import('./tuntap/tuntap.js')).tuntap);
const netns = once(async () => (await import('./netns/netns.js')).netns);
const monitor = once(async () => (await import('./monitor/monitor.js')).monitor);
const addressLabels = once(async () => (await import('./addrlabel/addrlabel.js')).addressLabels);
const multicastAddresses = once(async () => (await import('./maddress/maddress.js')).multicastAddresses);
const vrf = once(async () => (await import('./vrf/vrf.js')).vrfs);
const multicastRoutes = once(async () => (await import('./mroute/mroute.js')).multicastRoutes);
const multicastRules = once(async () => (await import('./mrule/mrule.js')).multicastRules);
const tokens = once(async () => (await import('./token/token.js')).tokens);

const l2tp = once(async () => (await import('./later/objects.js')).l2tp);
const fou = once(async () => (await import('./later/objects.js')).fou);
const ila = once(async () => (await import('./later/objects.js')).ila);
const macsec = once(async () => (await import('./later/objects.js')).macsec);
const segmentRouting = once(async () => (await import('./later/objects.js')).segmentRouting);
const mptcp = once(async () => (await import('./later/objects.js')).mptcp);
const ioam = once(async () => (await import('./later/objects.js')).ioam);
const xfrm = once(async () => (await import('./later/xfrm.js')).xfrm);
const netconf = once(async () => (await import('./netconf/netconf.js')).netconf);
const tcpMetrics = once(async () => (await import('./tcpmetrics/tcpmetrics.js')).tcpMetrics);
const statistics = once(async () => (await import('./stats/stats.js')).statistics);

/** In iproute2's order: of the objects that an abbreviation fits, the first is meant (`ip a`, `ip r`, `ip m`). */
export const objects: readonly RegisteredObject[] = [
  { name: 'address', load: address },
  { name: 'addrlabel', load: addressLabels },
  { name: 'maddress', load: multicastAddresses },
  { name: 'route', load: route },
  { name: 'rule', load: rule },
  { name: 'neighbor', load: neighbour },
  { name: 'neighbour', load: neighbour },
  { name: 'ntable', load: ntable },
  { name: 'ntbl', load: ntable },
  { name: 'link', load: link },
  { name: 'l2tp', load: l2tp },
  { name: 'fou', load: fou },
  { name: 'ila', load: ila },
  { name: 'macsec', load: macsec },
  { name: 'tunnel', load: tunnel },
  { name: 'tunl', load: tunnel },
  { name: 'tuntap', load: tuntap },
  { name: 'tap', load: tuntap },
  { name: 'token', load: tokens },
  { name: 'tcpmetrics', load: tcpMetrics },
  { name: 'tcp_metrics', load: tcpMetrics },
  { name: 'monitor', load: monitor },
  { name: 'xfrm', load: xfrm },
  { name: 'mroute', load: multicastRoutes },
  { name: 'mrule', load: multicastRules },
  { name: 'netns', load: netns },
  { name: 'netconf', load: netconf },
  { name: 'vrf', load: vrf },
  { name: 'sr', load: segmentRouting },
  { name: 'nexthop', load: nexthop },
  { name: 'mptcp', load: mptcp },
  { name: 'ioam', load: ioam },
  { name: 'stats', load: statistics },
];
