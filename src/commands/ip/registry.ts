import type { IpObject } from './object.js';

/** An object of `ip`, loaded when it is wanted. */
export interface RegisteredObject {
  readonly name: string;
  readonly load: () => Promise<IpObject>;
}

const link = async () => (await import('./link/link.js')).link;
const address = async () => (await import('./address/address.js')).address;
const route = async () => (await import('./route/route.js')).route;
const neighbour = async () => (await import('./neigh/neigh.js')).neighbour;
const addressLabels = async () => (await import('./addrlabel/addrlabel.js')).addressLabels;
const multicastAddresses = async () => (await import('./maddress/maddress.js')).multicastAddresses;
const tokens = async () => (await import('./token/token.js')).tokens;
const netns = async () => (await import('./netns/netns.js')).netns;
const monitor = async () => (await import('./monitor/monitor.js')).monitor;

/** What a kernel answers that was built without the module behind it; each becomes a folder of its own. */
const later = (name: string) => async () => (await import('./unsupported.js')).unsupported(name);

/** In iproute2's order: of the objects that an abbreviation fits, the first is meant (`ip a`, `ip r`, `ip m`). */
export const objects: readonly RegisteredObject[] = [
  { name: 'address', load: address },
  { name: 'addrlabel', load: addressLabels },
  { name: 'maddress', load: multicastAddresses },
  { name: 'route', load: route },
  { name: 'rule', load: later('rule') },
  { name: 'neighbor', load: neighbour },
  { name: 'neighbour', load: neighbour },
  { name: 'ntable', load: later('ntable') },
  { name: 'ntbl', load: later('ntbl') },
  { name: 'link', load: link },
  { name: 'l2tp', load: later('l2tp') },
  { name: 'fou', load: later('fou') },
  { name: 'ila', load: later('ila') },
  { name: 'macsec', load: later('macsec') },
  { name: 'tunnel', load: later('tunnel') },
  { name: 'tunl', load: later('tunl') },
  { name: 'tuntap', load: later('tuntap') },
  { name: 'tap', load: later('tap') },
  { name: 'token', load: tokens },
  { name: 'tcpmetrics', load: later('tcpmetrics') },
  { name: 'tcp_metrics', load: later('tcp_metrics') },
  { name: 'monitor', load: monitor },
  { name: 'xfrm', load: later('xfrm') },
  { name: 'mroute', load: later('mroute') },
  { name: 'mrule', load: later('mrule') },
  { name: 'netns', load: netns },
  { name: 'netconf', load: later('netconf') },
  { name: 'vrf', load: later('vrf') },
  { name: 'sr', load: later('sr') },
  { name: 'nexthop', load: later('nexthop') },
  { name: 'mptcp', load: later('mptcp') },
  { name: 'ioam', load: later('ioam') },
  { name: 'stats', load: later('stats') },
];
