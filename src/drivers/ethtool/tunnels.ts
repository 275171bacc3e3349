import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import type { VxlanDevice } from '../vxlan/device.js';
import { gsoSoftware, scatterGather, soft } from './groups.js';
import { unknownLink } from './link-settings.js';

const features = [...scatterGather, ...gsoSoftware, 'tx-checksum-ip-generic'];
const tunnelFeatures = [...features, 'highdma'];

/** A tunnel says its name, and no more (rtnl_link_ops.kind; ip_tunnel has no ethtool_ops). */
export const tunnelEthtool = (driver: string): EthtoolOps => ({
  driver: () => ({ driver }),
  features: () => ({ on: [...tunnelFeatures, ...soft, 'tx-lockless'], changeable: tunnelFeatures }),
});

const vxlanFeatures = [...features, 'rx-checksum'];

/** Linux: vxlan_ethtool_ops, vxlan_setup() */
export const vxlanEthtool: EthtoolOps<VxlanDevice> = {
  driver: () => ({ driver: 'vxlan', version: '0.1' }),
  features: () => ({ on: [...vxlanFeatures, ...soft, 'tx-lockless'], changeable: vxlanFeatures }),
  reportsLink: true,
  linkSettings: {
    get: (device) => device.link?.ethtool.linkSettings?.get(device.link) ?? unknownLink(),
  },
};
