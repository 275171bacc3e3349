import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { NetlinkClient } from '../../client/netlink-client.js';
import { NETLINK_GENERIC } from '../../netlink/constants.js';
import { CTRL_CMD_GETFAMILY, ctrlMessage, GENL_ID_CTRL } from '../../netlink/genl/genl.js';
import { failure } from '../shared/failure.js';
import type { IpContext } from './context.js';

/** A socket of generic netlink, and the number of the family that is spoken to. */
export interface GenlFamilyClient {
  readonly client: NetlinkClient;
  readonly type: number;
}

/** Finds a family by name; who calls closes the socket. Fails as iproute2 does where the kernel has none of that name: genl_init_handle(). */
export async function openGenlFamily(context: IpContext, familyName: string): Promise<GenlFamilyClient> {
  const client = await context.open(undefined, { protocol: NETLINK_GENERIC, strict: false });
  try {
    const header = { command: CTRL_CMD_GETFAMILY, version: 1 };
    const answer = await client.get(ctrlMessage, { type: GENL_ID_CTRL, header, attributes: { familyName } });
    const type = answer === null ? undefined : ctrlMessage.parseAttributes(answer).familyId;
    if (type === undefined) throw failure('Error talking to the kernel');
    return { client, type };
  } catch (error) {
    client.close();
    if (!(error instanceof NetError) || error.code === 'ECONNRESET' || error.code === 'EINTR') throw error;
    throw failure(`RTNETLINK answers: ${strerror(error.errno)}\nError talking to the kernel`);
  }
}
