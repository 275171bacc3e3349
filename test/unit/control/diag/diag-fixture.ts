import { NetlinkClient } from '../../../../src/client/netlink-client.js';
import type { Transport } from '../../../../src/client/transport.js';
import { AF_INET, NETLINK_SOCK_DIAG } from '../../../../src/netlink/constants.js';
import {
  type InetDiagAttributes,
  type InetDiagMessage,
  type InetDiagRequest,
  inetDiagMessage,
  inetDiagRequest,
} from '../../../../src/netlink/diag/inet.js';
import { SOCK_DIAG_BY_FAMILY } from '../../../../src/netlink/diag/sock-diag.js';

export const TCP = 6;
export const UDP = 17;
export const RAW = 255;
export const ALL_STATES = 0xffff_ffff;

export interface Listed {
  readonly header: InetDiagMessage;
  readonly attributes: InetDiagAttributes;
}

export const openDiag = (transport: Transport): Promise<NetlinkClient> =>
  NetlinkClient.open(transport, { protocol: NETLINK_SOCK_DIAG, strict: false });

/** The sockets over IP that a request lists. */
export async function inetSockets(client: NetlinkClient, header: Partial<InetDiagRequest>, bytecode?: Uint8Array): Promise<Listed[]> {
  const listed: Listed[] = [];
  const dump = client.dump(inetDiagRequest, {
    type: SOCK_DIAG_BY_FAMILY,
    header: { family: AF_INET, protocol: TCP, states: ALL_STATES, ...header },
    attributes: bytecode === undefined ? {} : { bytecode },
  });
  for await (const message of dump) listed.push(inetDiagMessage.parse(message));
  return listed;
}
