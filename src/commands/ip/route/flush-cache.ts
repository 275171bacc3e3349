import { strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { TapstackFamily } from '../../../client/tapstack-family.js';
import { Command } from '../../../netlink/genl/tapstack.js';
import { failure } from '../../shared/failure.js';
import type { IpContext } from '../context.js';

/** Writes net.ipv4.route.flush. */
export async function flushRouteCache(context: IpContext): Promise<void> {
  const transport = await context.env.transport();
  try {
    if (transport.target === 'kernel') {
      await context.io.files.write('/proc/sys/net/ipv4/route/flush', new TextEncoder().encode('-1'));
      return;
    }
    const family = await TapstackFamily.open(transport, context.options.netns);
    try {
      await family.request(Command.SYSCTL_SET, { key: 'net.ipv4.route.flush', value: '-1' });
    } finally {
      family.close();
    }
  } catch (error) {
    if (error instanceof NetError) throw failure(`Cannot flush routing cache: ${strerror(error.errno)}`);
    throw error;
  }
}
