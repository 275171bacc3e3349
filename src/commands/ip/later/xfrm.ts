import { strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { NetlinkClient } from '../../../client/netlink-client.js';
import { abbreviates } from '../../shared/cursor.js';
import { failure, fatal } from '../../shared/failure.js';
import { laterObject } from './object.js';
import { laterUsages } from './usages.js';

const NETLINK_XFRM = 6;
const parts = ['state', 'policy', 'monitor'] as const;

/** `ip xfrm`: IPsec speaks a netlink protocol of its own, which a kernel without it does not open a socket for. */
export const xfrm = laterObject({ name: 'xfrm', usage: laterUsages.xfrm }, async (context, cursor) => {
  const word = cursor.next();
  const part = parts.find((name) => abbreviates(word, name));
  if (part === undefined) throw fatal(laterUsages.xfrm);
  if (!cursor.done && abbreviates(cursor.peek(), 'help')) throw fatal(laterUsages[`xfrm ${part}`]);
  try {
    const options = { protocol: NETLINK_XFRM, namespace: context.options.netns, signal: context.io.signal };
    (await NetlinkClient.open(await context.env.transport(), options)).close();
  } catch (error) {
    if (!(error instanceof NetError) || error.code === 'ECONNRESET' || error.code === 'EINTR') throw error;
    throw failure(`Cannot open netlink socket: ${strerror(error.errno)}`);
  }
});
