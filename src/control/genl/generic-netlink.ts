import { EINVAL, ENOENT, EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { NETLINK_GENERIC, NLM_F_DUMP, NLMSG_HDRLEN } from '../../netlink/constants.js';
import {
  GENL_ADMIN_PERM,
  GENL_CMD_CAP_DO,
  GENL_CMD_CAP_DUMP,
  GENL_CMD_CAP_HASPOL,
  GENL_HDRLEN,
  GENL_ID_CTRL,
  GENL_START_ALLOC,
} from '../../netlink/genl/genl.js';
import { payloadStart } from '../../netlink/message.js';
import type { NetlinkEndpoint } from '../netlink-endpoint.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import { TAPSTACK_FAMILY } from '../../netlink/genl/tapstack.js';
import type { Dump, NetlinkProtocol } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';

/** One command of a generic netlink family (struct genl_ops). */
export interface GenlCommand {
  readonly command: number;
  /** Asks for CAP_NET_ADMIN (GENL_ADMIN_PERM). */
  readonly admin?: boolean;
  handle?(request: NetlinkRequest): void;
  dump?(request: NetlinkRequest): Dump;
}

/** A generic netlink family (struct genl_family). */
export interface GenlFamily {
  readonly name: string;
  readonly version: number;
  readonly maxAttribute: number;
  readonly commands: readonly GenlCommand[];
  readonly multicastGroups?: readonly string[];
  /** It says what it takes: GENL_CMD_CAP_HASPOL of its commands. */
  readonly policy?: boolean;
  /** A socket that may have spoken to the family has closed. */
  closed?(socket: NetlinkEndpoint): void;
}

/** A family in place: with the numbers it got. */
export interface RegisteredFamily {
  readonly id: number;
  readonly family: GenlFamily;
  /** Number of its first multicast group; the others follow. */
  readonly firstGroup: number;
  readonly commands: ReadonlyMap<number, GenlCommand>;
}

/** What makes a family for one instance. */
export type GenlFamilyMaker = (server: NetlinkServer, registered: readonly RegisteredFamily[]) => GenlFamily;

/** GENL_CMD_CAP_*, GENL_ADMIN_PERM of a command of a family. */
export const commandFlags = (command: GenlCommand, family: GenlFamily) =>
  (command.admin === true ? GENL_ADMIN_PERM : 0) |
  (command.handle === undefined ? 0 : GENL_CMD_CAP_DO) |
  (command.dump === undefined ? 0 : GENL_CMD_CAP_DUMP) |
  (family.policy === true ? GENL_CMD_CAP_HASPOL : 0);

/** The families are numbered in the order of `makers`; the first is the controller, "nlctrl". */
export function genericNetlink(server: NetlinkServer, makers: readonly GenlFamilyMaker[]): NetlinkProtocol {
  const registered: RegisteredFamily[] = [];
  const byId = new Map<number, RegisteredFamily>();
  // Linux: the controller's group has its family's number; the others follow.
  let nextGroup = GENL_ID_CTRL;
  for (const make of makers) {
    const family = make(server, registered);
    const id = registered.length === 0 ? GENL_ID_CTRL : GENL_START_ALLOC + registered.length - 1;
    const commands = new Map(family.commands.map((command) => [command.command, command]));
    const entry: RegisteredFamily = { id, family, firstGroup: nextGroup, commands };
    nextGroup += family.multicastGroups?.length ?? 0;
    registered.push(entry);
    byId.set(id, entry);
  }

  return {
    protocol: NETLINK_GENERIC,
    groups: nextGroup - 1,
    nonRootReceive: true,

    // Linux: genl_rcv_msg()
    isOwn: (type) => byId.get(type)?.family.name === TAPSTACK_FAMILY,
    receive(request) {
      const { message } = request;
      const entry = byId.get(message.type) ?? fail(ENOENT);
      if (message.end - message.start < NLMSG_HDRLEN + GENL_HDRLEN) fail(EINVAL);
      const command = entry.commands.get(message.bytes[payloadStart(message)]!) ?? fail(EOPNOTSUPP);
      if (command.admin === true && !request.credentials.netAdmin) fail(EPERM);
      if ((message.flags & NLM_F_DUMP) === NLM_F_DUMP) return command.dump === undefined ? fail(EOPNOTSUPP) : command.dump(request);
      if (command.handle === undefined) fail(EOPNOTSUPP);
      command.handle(request);
      return undefined;
    },

    closed(socket) {
      for (const { family } of registered) family.closed?.(socket);
    },
  };
}
