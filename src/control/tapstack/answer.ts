import { type CommandNumber, TAPSTACK_VERSION, type TapstackAttributes, tapstackMessage } from '../../netlink/genl/tapstack.js';
import type { NetlinkRequest } from '../netlink-request.js';

/** Answers a request of the family by one message. */
export function answer(request: NetlinkRequest, command: CommandNumber, attributes: TapstackAttributes): void {
  request.answer(tapstackMessage, { command, version: TAPSTACK_VERSION }, attributes);
}
