import { IFF_TAP, IFF_TUN, tunData } from '../../../../netlink/rtnl/link/tun.js';
import type { LinkKindPart } from './kind.js';

/** A device whose other end is a program; `ip tuntap` makes them. */
export const tun: LinkKindPart = {
  kind: 'tun',
  print({ out }, deferred) {
    if (deferred === undefined) return;
    const data = deferred.parse(tunData);
    if (data.type !== undefined) {
      const type = data.type === IFF_TUN ? 'tun' : data.type === IFF_TAP ? 'tap' : 'UNKNOWN';
      out.field('type', type, `type ${type} `);
    }
    if (data.pi !== undefined) out.onOff('pi', data.pi !== 0);
    if (data.vnetHdr !== undefined) out.onOff('vnet_hdr', data.vnetHdr !== 0);
    if (data.multiQueue === 1) {
      out.onOff('multi_queue', true);
      if (data.numQueues !== undefined) out.field('numqueues', data.numQueues, `numqueues ${data.numQueues} `);
      if (data.numDisabledQueues !== undefined) out.field('numdisabled', data.numDisabledQueues, `numdisabled ${data.numDisabledQueues} `);
    }
    if (data.persist !== undefined) out.onOff('persist', data.persist !== 0);
    if (data.owner !== undefined) out.field('user', data.owner, `user ${data.owner} `);
    if (data.group !== undefined) out.field('group', data.group, `group ${data.group} `);
  },
};
