import type { Clock } from '../base/clock.js';
import type { RandomSource } from '../base/random.js';
import { legacyInetDiag } from '../control/diag/inet/handler.js';
import { diagHandlers } from '../control/diag/registry.js';
import { sockDiag } from '../control/diag/sock-diag.js';
import { controller } from '../control/genl/controller.js';
import { ethtoolFamily } from '../control/genl/ethtool/family.js';
import { genericNetlink } from '../control/genl/generic-netlink.js';
import { ipvsFamily } from '../control/genl/ip-vs.js';
import { tcpMetricsFamily } from '../control/genl/tcp-metrics.js';
import { NamespaceNames } from '../control/namespace-names.js';
import { NetlinkServer } from '../control/netlink-kernel.js';
import { nfnetlink } from '../control/nfnl/nfnetlink.js';
import { nfnlSubsystems } from '../control/nfnl/registry.js';
import { rtnetlinkModules } from '../control/rtnl/registry.js';
import { rtnetlink } from '../control/rtnl/rtnetlink.js';
import { type TapstackCommands, tapstackFamily } from '../control/tapstack/family.js';
import { linkKinds } from '../drivers/registry.js';
import { openDevice } from '../net/core/device-state.js';
import { netifReceive } from '../net/core/receive.js';
import { Stack } from '../net/core/stack.js';
import { namespaceModules, tapstackCommands } from './modules.js';

export interface AssembleOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** A packet pool that throws on double free: for tests. */
  readonly debugPool?: boolean;
  /** Commands of the `tapstack` family that depend on who holds the instance (its NICs, its status). */
  readonly commands?: readonly TapstackCommands[];
}

/** A stack and its control servers. */
export interface AssembledStack {
  readonly stack: Stack;
  readonly names: NamespaceNames;
  readonly netlink: NetlinkServer;
}

/** Puts a whole stack together: what the daemon and in-process instances have in common. */
export function assembleStack(options: AssembleOptions): AssembledStack {
  const stack = new Stack(
    {
      clock: options.clock,
      random: options.random,
      modules: namespaceModules,
      linkKinds,
      ...(options.debugPool === undefined ? {} : { debugPool: options.debugPool }),
    },
    netifReceive,
  );
  // As on any machine that has booted; namespaces made later have theirs down.
  openDevice(stack.initial.loopback);
  const names = new NamespaceNames(stack);
  const netlink = new NetlinkServer(stack, names);
  netlink.register(rtnetlink(netlink, rtnetlinkModules));
  netlink.register(sockDiag(netlink, diagHandlers, legacyInetDiag));
  netlink.register(
    genericNetlink(netlink, [
      controller,
      tapstackFamily([...tapstackCommands, ...(options.commands ?? [])]),
      tcpMetricsFamily,
      ethtoolFamily,
      ipvsFamily,
    ]),
  );
  netlink.register(nfnetlink(netlink, nfnlSubsystems));
  return { stack, names, netlink };
}
