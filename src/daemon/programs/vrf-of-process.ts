import { readFileSync } from 'node:fs';
import { VRF_VARIABLE } from '../../client/vrf-variable.js';
import { vrfLoaded } from '../../drivers/vrf/namespace.js';
import type { Namespace } from '../../net/core/namespace.js';

/**
 * The VRF that sockets of a process are bound to as they are made, as `ip vrf exec` has said in the variables that it was started with: an
 * ifindex; 0: none. Linux: a BPF program at the control group, BPF_CGROUP_INET_SOCK_CREATE.
 */
export function vrfOfProcess(namespace: Namespace, tid: number): number {
  // Most instances have no VRF, and nothing is read.
  if (!vrfLoaded(namespace.stack)) return 0;
  const mark = `\0${VRF_VARIABLE}=`;
  const variables = `\0${variablesOf(tid)}`;
  const at = variables.indexOf(mark);
  if (at < 0) return 0;
  const device = namespace.deviceByName(variables.slice(at + mark.length, variables.indexOf('\0', at + mark.length)));
  return device !== undefined && device.l3Table !== 0 ? device.ifindex : 0;
}

/** '' where the process has gone. */
function variablesOf(tid: number): string {
  try {
    return readFileSync(`/proc/${tid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
