import { EINVAL, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { BOND_ARP_VALIDATE_NONE, BOND_MAX_TARGETS, BOND_MODE_ALB } from '../../netlink/rtnl/link/bond.js';
import { BROADCAST } from '../../wire/ipv4.js';
import { addressFromBytes, type In6, isAny, isLinkLocal, isMulticast } from '../../wire/ipv6.js';
import type { BondDevice } from './device.js';
import { startMonitor, stopMonitor } from './monitor.js';
import { DEFAULT_MIIMON_MS, usesArp } from './parameters.js';

// Options that say how slaves are watched.

/** Linux: bond_option_mode_set() */
export function setMode(bond: BondDevice, mode: number): void {
  const { parameters } = bond;
  if (!usesArp(mode)) {
    parameters.arpIntervalMs = 0;
    if (parameters.miimonMs === 0) parameters.miimonMs = DEFAULT_MIIMON_MS;
  }
  if (mode === BOND_MODE_ALB) parameters.tlbDynamic = true;
  parameters.arpValidate = BOND_ARP_VALIDATE_NONE;
  parameters.mode = mode;
}

function restartMonitor(bond: BondDevice): void {
  if (!bond.up) return;
  stopMonitor(bond);
  startMonitor(bond);
}

/** Linux: bond_option_miimon_set() */
export function setMiimon(bond: BondDevice, miimonMs: number): void {
  const { parameters } = bond;
  parameters.miimonMs = miimonMs;
  if (miimonMs !== 0 && parameters.arpIntervalMs !== 0) {
    parameters.arpIntervalMs = 0;
    parameters.arpValidate = BOND_ARP_VALIDATE_NONE;
  }
  restartMonitor(bond);
}

/** A time in ms, cut to rounds of miimon. EPERM without miimon. Linux: _bond_option_delay_set() */
export function setDelay(bond: BondDevice, key: 'updelay' | 'downdelay' | 'peerNotifyDelay', delayMs: number): void {
  const { parameters } = bond;
  if (parameters.miimonMs === 0) fail(EPERM);
  parameters[key] = Math.floor(delayMs / parameters.miimonMs);
}

/** Linux: bond_option_arp_interval_set() */
export function setArpInterval(bond: BondDevice, intervalMs: number): void {
  const { parameters } = bond;
  parameters.arpIntervalMs = intervalMs;
  if (intervalMs !== 0) parameters.miimonMs = 0;
  restartMonitor(bond);
}

export function setArpValidate(bond: BondDevice, validate: number): void {
  bond.parameters.arpValidate = validate;
}

/** Those that were there before are forgotten, even when one is refused. Linux: bond_option_arp_ip_target_add() */
export function setArpTargets(bond: BondDevice, targets: readonly number[]): void {
  const accepted: number[] = [];
  bond.parameters.arpTargets = accepted;
  for (const target of targets) {
    if (target === 0 || target === BROADCAST || accepted.includes(target) || accepted.length === BOND_MAX_TARGETS) fail(EINVAL);
    accepted.push(target);
  }
  forgetAnswers(bond);
}

/** Linux: bond_option_ns_ip6_target_set() */
export function setNsTargets(bond: BondDevice, targets: readonly Uint8Array[]): void {
  const accepted: In6[] = [];
  bond.parameters.nsTargets = accepted;
  for (const bytes of targets) {
    const target = addressFromBytes(bytes);
    if (isLinkLocal(target)) fail(EINVAL, 'Invalid IPv6 addr6');
    if (isAny(target) || isMulticast(target) || accepted.length === BOND_MAX_TARGETS) fail(EINVAL);
    accepted.push(target);
  }
}

function forgetAnswers(bond: BondDevice): void {
  for (const slave of bond.slaves) slave.targetReceivedUs.fill(bond.stack.nowUs);
}
