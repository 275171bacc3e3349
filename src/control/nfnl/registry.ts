import { ctnetlinkSubsystem, expectSubsystem } from './ctnetlink/subsystem.js';
import { nfTablesSubsystem } from './nf-tables/subsystem.js';
import { compatSubsystem } from './compat.js';
import { logSubsystem } from './log.js';
import type { NfnlSubsystem } from './nfnetlink.js';
import { queueSubsystem } from './queue.js';

/** The subsystems of NETLINK_NETFILTER; a new one is one folder and one line here. */
export const nfnlSubsystems: readonly NfnlSubsystem<never>[] = [
  nfTablesSubsystem as NfnlSubsystem<never>,
  ctnetlinkSubsystem as NfnlSubsystem<never>,
  expectSubsystem as NfnlSubsystem<never>,
  queueSubsystem as NfnlSubsystem<never>,
  logSubsystem as NfnlSubsystem<never>,
  compatSubsystem as NfnlSubsystem<never>,
];
