import { coreSysctls } from './core.js';
import { ipv4Sysctls } from './ipv4.js';
import { ipv4ConfSysctls } from './ipv4-conf.js';
import { ipv6Sysctls } from './ipv6.js';
import { ipv6ConfSysctls } from './ipv6-conf.js';
import { ipvsSysctls } from './ip-vs.js';
import { keptGroup } from './kept.js';
import { conntrackSysctls, netfilterLogSysctls } from './netfilter.js';
import { neighbourSysctls } from './neighbour.js';
import { unixSysctls } from './unix.js';
import { vrfSysctls } from './vrf.js';
import type { SysctlGroup } from './sysctl.js';

/** The parts of the sysctl tree that every instance has; TCP's, tcpSysctls(), is added by who knows where its settings are. */
export const sysctlGroups: readonly SysctlGroup[] = [
  coreSysctls,
  ipv4Sysctls,
  ipv4ConfSysctls,
  ipv6Sysctls,
  ipv6ConfSysctls,
  neighbourSysctls,
  vrfSysctls,
  unixSysctls,
  conntrackSysctls,
  netfilterLogSysctls,
  ipvsSysctls,
  keptGroup,
];
