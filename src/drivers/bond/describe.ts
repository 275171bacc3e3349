import { BOND_MODE_8023AD, type BondData, type BondSlaveData } from '../../netlink/rtnl/link/bond.js';
import { addressToBytes } from '../../wire/ipv6.js';
import type { BondDevice } from './device.js';
import { usesPrimary } from './parameters.js';
import type { Slave } from './slave.js';

// Linux: bond_fill_info()
export function describeBond(bond: BondDevice): BondData {
  const { parameters: p, active, primary } = bond;
  return {
    mode: p.mode,
    ...(active === null || !usesPrimary(p.mode) ? {} : { activeSlave: active.device.ifindex }),
    miimon: p.miimonMs,
    updelay: p.updelay * p.miimonMs,
    downdelay: p.downdelay * p.miimonMs,
    peerNotifDelay: p.peerNotifyDelay * p.miimonMs,
    useCarrier: p.useCarrier ? 1 : 0,
    arpInterval: p.arpIntervalMs,
    ...(p.arpTargets.length === 0 ? {} : { arpIpTarget: p.arpTargets }),
    arpValidate: p.arpValidate,
    arpAllTargets: p.arpAllTargets,
    ...(p.nsTargets.length === 0 ? {} : { nsIp6Target: p.nsTargets.map((target) => addressToBytes(target)) }),
    ...(primary === null ? {} : { primary: primary.device.ifindex }),
    primaryReselect: p.primaryReselect,
    failOverMac: p.failOverMac,
    xmitHashPolicy: p.hashPolicy,
    resendIgmp: p.resendIgmp,
    numPeerNotif: p.peerNotifications,
    allSlavesActive: p.allSlavesActive ? 1 : 0,
    minLinks: p.minLinks,
    lpInterval: p.lpInterval,
    packetsPerSlave: p.packetsPerSlave,
    adLacpActive: p.lacpActive ? 1 : 0,
    adLacpRate: p.lacpFast ? 1 : 0,
    adSelect: p.adSelect,
    tlbDynamicLb: p.tlbDynamic ? 1 : 0,
    missedMax: p.arpMissedMax,
    ...(p.mode === BOND_MODE_8023AD ? describeAggregation(bond) : {}),
  };
}

function describeAggregation(bond: BondDevice): BondData {
  const { parameters: p } = bond;
  const aggregator = bond.activeAggregator;
  return {
    adActorSysPrio: p.adActorSystemPriority,
    adUserPortKey: p.adUserPortKey,
    adActorSystem: p.adActorSystem,
    ...(aggregator === null
      ? {}
      : {
          adInfo: {
            aggregator: aggregator.id,
            numPorts: aggregator.activePorts,
            actorKey: aggregator.key,
            partnerKey: aggregator.partnerKey,
            partnerMac: aggregator.partnerSystem,
          },
        }),
  };
}

// Linux: bond_fill_slave_info()
export function describeSlave(slave: Slave): BondSlaveData {
  const { port } = slave;
  return {
    state: slave.backup ? 1 : 0,
    miiStatus: slave.link,
    linkFailureCount: slave.linkFailureCount,
    permHwaddr: slave.permanentAddress,
    queueId: slave.queueId,
    prio: slave.priority,
    ...(port === null || port.aggregator === null
      ? {}
      : {
          adAggregatorId: port.aggregator.id,
          adActorOperPortState: port.actor.state,
          adPartnerOperPortState: port.partner.state,
        }),
  };
}
