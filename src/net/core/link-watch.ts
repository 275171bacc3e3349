import {
  IF_LINK_MODE_DORMANT,
  IF_LINK_MODE_TESTING,
  IF_OPER_DORMANT,
  IF_OPER_DOWN,
  IF_OPER_LOWERLAYERDOWN,
  IF_OPER_TESTING,
  IF_OPER_UP,
} from '../../netlink/rtnl/constants.js';
import type { NetDevice } from './device.js';
import { netdevStateChange } from './device-notify.js';

// A change of carrier becomes an operational state (RFC 2863) and a notification a moment later, as Linux's link_watch.c does by
// a work item: here at the end of the round, so that the message of whoever changed it goes out first.

/** Linux: linkwatch_fire_event() */
export function fireLinkWatch(device: NetDevice): void {
  if (device.linkWatchPending) return;
  device.linkWatchPending = true;
  device.stack.trail(() => {
    if (device.linkWatchPending) runLinkWatch(device);
  });
}

/** Does at once what is pending for `device`. Linux: linkwatch_do_dev(), linkwatch_forget_dev() */
export function runLinkWatch(device: NetDevice): void {
  device.linkWatchPending = false;
  updateOperState(device);
  if (device.registered) netdevStateChange(device);
}

/** Linux: rfc2863_policy() */
export function updateOperState(device: NetDevice): void {
  let state: number = defaultOperState(device);
  if (state === IF_OPER_UP && device.linkMode === IF_LINK_MODE_TESTING) state = IF_OPER_TESTING;
  if (state === IF_OPER_UP && device.linkMode === IF_LINK_MODE_DORMANT) state = IF_OPER_DORMANT;
  device.operState = state;
}

function defaultOperState(device: NetDevice): number {
  // By number, as Linux compares: a peer in another namespace with the same ifindex counts as the device itself.
  if (!device.carrier) return device.iflink !== device.ifindex ? IF_OPER_LOWERLAYERDOWN : IF_OPER_DOWN;
  return device.dormant ? IF_OPER_DORMANT : IF_OPER_UP;
}
