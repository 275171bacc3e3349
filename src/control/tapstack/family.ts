import { TAPSTACK_FAMILY, TAPSTACK_VERSION, tapstackAttributes } from '../../netlink/genl/tapstack.js';
import type { GenlCommand, GenlFamilyMaker } from '../genl/generic-netlink.js';
import type { NetlinkServer } from '../netlink-kernel.js';

/** A group of the family's commands; the lists of all are made by the composition root (registry.ts has those of this folder). */
export type TapstackCommands = (server: NetlinkServer) => readonly GenlCommand[];

/** Our own generic netlink family, put together from its groups of commands. */
export const tapstackFamily =
  (groups: readonly TapstackCommands[]): GenlFamilyMaker =>
  (server) => ({
    name: TAPSTACK_FAMILY,
    version: TAPSTACK_VERSION,
    maxAttribute: Math.max(...Object.values(tapstackAttributes.shape).map((codec) => codec.type)),
    commands: groups.flatMap((group) => group(server)),
  });
