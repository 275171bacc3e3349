import { strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { NetlinkClient } from '../../../client/netlink-client.js';
import { NETLINK_GENERIC } from '../../../netlink/constants.js';
import { CTRL_CMD_GETFAMILY, ctrlMessage, GENL_ID_CTRL } from '../../../netlink/genl/genl.js';
import { failure } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import { type ThingWords, checkThing } from './words.js';
import { type LaterObject, laterObject } from './object.js';

/** An object that speaks to a family of generic netlink. */
interface FamilyObject extends LaterObject {
  /** Its name on the wire. */
  readonly family: string;
  /** Words that are judged before the family is asked for, and what a wrong one is called. */
  readonly things?: ThingWords;
  readonly complaint?: string;
}

/** Fails as iproute2 does where the kernel has no such family. Linux: CTRL_CMD_GETFAMILY; iproute2: genl_init_handle() */
async function resolveFamily(context: IpContext, familyName: string): Promise<void> {
  const client = await NetlinkClient.open(await context.env.transport(), {
    protocol: NETLINK_GENERIC,
    namespace: context.options.netns,
    strict: false,
    signal: context.io.signal,
  });
  try {
    await client.get(ctrlMessage, {
      type: GENL_ID_CTRL,
      header: { command: CTRL_CMD_GETFAMILY, version: 1 },
      attributes: { familyName },
    });
  } catch (error) {
    if (!(error instanceof NetError) || error.code === 'ECONNRESET' || error.code === 'EINTR') throw error;
    throw failure(`RTNETLINK answers: ${strerror(error.errno)}\nError talking to the kernel`);
  } finally {
    client.close();
  }
}

/** Without words, and for `help`, the usage; otherwise what the kernel says. */
export const familyObject = (object: FamilyObject) =>
  laterObject(object, async (context, cursor) => {
    if (object.things !== undefined) checkThing(object.things, object.complaint ?? 'unknown', cursor);
    await resolveFamily(context, object.family);
  });
