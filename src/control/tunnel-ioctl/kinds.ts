import { EEXIST, EINVAL, ENOBUFS } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { greModule } from '../../drivers/gre/gre.js';
import { GreDevice } from '../../drivers/gre/devices.js';
import { IpipDevice, IPPROTO_IPIP, IPPROTO_IPV6, SitDevice } from '../../drivers/ipip/devices.js';
import { ipipModule, sitModule } from '../../drivers/ipip/ipip.js';
import type { TunnelDevice } from '../../drivers/tunnel/device.js';
import type { TunnelModule } from '../../drivers/tunnel/module.js';
import type { NetDevice } from '../../net/core/device.js';
import { GRE_KEY, GRE_ROUTING, GRE_VERSION } from '../../net/ipv4/tunnel/parameters.js';
import type { GreData } from '../../netlink/rtnl/link/gre.js';
import { type IpTunnelData, SIT_ISATAP } from '../../netlink/rtnl/link/iptunnel.js';
import type { TunnelParm } from '../../netlink/rtnl/link/tunnel-ioctl.js';

const IPPROTO_GRE = 47;
const IPPROTO_MPLS = 137;
const IP_DF = 0x4000;
/** Version 4, a header without options. */
const PLAIN_HEADER = 0x45;

/** A kind of tunnel that has the ioctls of linux/if_tunnel.h. */
export interface IoctlKind {
  readonly kind: string;
  readonly module: TunnelModule;
  is(device: NetDevice): device is TunnelDevice;
  /** What is said when another tunnel, or a device of that name, is there. */
  readonly exists: number;
  /** The module's own device can be set: it is a tunnel like others. */
  readonly changesOwn: boolean;
  /** Refuses what cannot be (EINVAL), and says the rest in attributes of rtnetlink. */
  data(parm: TunnelParm): GreData | IpTunnelData;
  /** What a tunnel carries, of which its parameters say nothing. */
  flags(device: TunnelDevice): Pick<TunnelParm, 'protocol' | 'inputFlags' | 'outputFlags'>;
}

// Linux: ip_tunnel_ctl(): who sets a TTL wants DF.
const pmtudisc = ({ ttl, fragmentOffset }: TunnelParm) => (ttl !== 0 || (fragmentOffset & IP_DF) !== 0 ? 1 : 0);

const common = (parm: TunnelParm) => {
  const { link, local, remote, ttl, tos } = parm;
  return { link, local, remote, ttl, tos, pmtudisc: pmtudisc(parm) };
};

// Linux: ipgre_tunnel_ctl()
const gre: IoctlKind = {
  kind: 'gre',
  module: greModule,
  is: (device): device is GreDevice => device instanceof GreDevice,
  exists: EEXIST,
  changesOwn: true,
  data(parm) {
    const { version, protocol, inputFlags, outputFlags, inputKey, outputKey } = parm;
    if (version !== PLAIN_HEADER || protocol !== IPPROTO_GRE) fail(EINVAL);
    if (((inputFlags | outputFlags) & (GRE_VERSION | GRE_ROUTING)) !== 0) fail(EINVAL);
    return {
      ...common(parm),
      iflags: inputFlags,
      oflags: outputFlags,
      ikey: (inputFlags & GRE_KEY) === 0 ? 0 : inputKey,
      okey: (outputFlags & GRE_KEY) === 0 ? 0 : outputKey,
    };
  },
  flags({ tunnel: { parameters } }) {
    return { protocol: IPPROTO_GRE, inputFlags: parameters.inputFlags, outputFlags: parameters.outputFlags };
  },
};

// Linux: ipip_tunnel_ctl()
const ipip: IoctlKind = {
  kind: 'ipip',
  module: ipipModule,
  is: (device): device is IpipDevice => device instanceof IpipDevice,
  exists: EEXIST,
  changesOwn: true,
  data(parm) {
    if (parm.version !== PLAIN_HEADER || ![0, IPPROTO_IPIP, IPPROTO_MPLS].includes(parm.protocol)) fail(EINVAL);
    return { ...common(parm), proto: parm.protocol };
  },
  flags: ({ tunnel: { parameters } }) => ({ protocol: parameters.payload, inputFlags: 0, outputFlags: 0 }),
};

// Linux: __ipip6_tunnel_ioctl_validate()
const sit: IoctlKind = {
  kind: 'sit',
  module: sitModule,
  is: (device): device is SitDevice => device instanceof SitDevice,
  exists: ENOBUFS,
  changesOwn: false,
  data(parm) {
    const { version, protocol, fragmentOffset, inputFlags } = parm;
    if (![0, IPPROTO_IPIP, IPPROTO_IPV6, IPPROTO_MPLS].includes(protocol)) fail(EINVAL);
    if (version !== PLAIN_HEADER || (fragmentOffset & ~IP_DF) !== 0) fail(EINVAL);
    return { ...common(parm), proto: protocol, flags: inputFlags & SIT_ISATAP };
  },
  flags: (device) => ({ protocol: device.tunnel.parameters.payload, inputFlags: device.isatap ? SIT_ISATAP : 0, outputFlags: 0 }),
};

export const ioctlKinds: readonly IoctlKind[] = [gre, ipip, sit];

/** By the name of a module's own device, which loads the module (MODULE_ALIAS_NETDEV). */
export const modulesByDevice: ReadonlyMap<string, TunnelModule> = new Map([
  ['gre0', greModule],
  ['gretap0', greModule],
  ['tunl0', ipipModule],
  ['sit0', sitModule],
]);

/** struct ip_tunnel_parm of a tunnel. */
export function parmOf(kind: IoctlKind, device: TunnelDevice): TunnelParm {
  const p = device.tunnel.parameters;
  return {
    name: device.name,
    link: p.ifindex,
    inputKey: p.inputKey,
    outputKey: p.outputKey,
    version: PLAIN_HEADER,
    tos: p.tos,
    fragmentOffset: p.pmtuDiscovery ? IP_DF : 0,
    ttl: p.ttl,
    local: p.local,
    remote: p.remote,
    ...kind.flags(device),
  };
}
