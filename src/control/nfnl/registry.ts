import { ctnetlinkSubsystem, expectSubsystem } from './ctnetlink/subsystem.js';
import { nfTablesSubsystem } from './nf-tables/subsystem.js';
import type { NfnlSubsystem } from './nfnetlink.js';

/** The subsystems of NETLINK_NETFILTER; a new one is one folder and one line here. */
export const nfnlSubsystems: readonly NfnlSubsystem<never>[] = [
  nfTablesSubsystem as NfnlSubsystem<never>,
  ctnetlinkSubsystem as NfnlSubsystem<never>,
  expectSubsystem as NfnlSubsystem<never>,
];
