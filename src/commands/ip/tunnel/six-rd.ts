import { strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { openTunnelPort } from '../../../client/tunnel-port.js';
import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import { SIOCADD6RD, SIOCDEL6RD, SIX_RD } from '../../../netlink/rtnl/link/tunnel-ioctl.js';
import { parsePrefix } from '../../shared/address.js';
import type { Cursor } from '../../shared/cursor.js';
import { type CommandFailure, failure, fatal } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';

/** Where struct ip_tunnel_6rd has the relay prefix and the lengths. */
const RELAY_PREFIX = 16;
const PREFIX_LENGTH = 20;
const RELAY_PREFIX_LENGTH = 22;

/** What the real `ip` meets that asks for nothing: ioctl number 0. */
export const noRequest = (device: string): CommandFailure => failure(`${device}: ioctl 0 failed: Inappropriate ioctl for device`);

/** One of the ioctls of linux/if_tunnel.h, whose refusal names its number. */
export async function tunnelIoctl(context: IpContext, device: string, request: number, data: Uint8Array): Promise<Uint8Array> {
  const port = await openTunnelPort(await context.env.transport(), context.options.netns);
  try {
    return await port.ioctl(device, request, data);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    throw failure(`${device}: ioctl ${request.toString(16)} failed: ${strerror(error.errno)}`);
  } finally {
    port.close();
  }
}

async function run(context: IpContext, cursor: Cursor): Promise<number> {
  let device: string | undefined;
  let request = 0;
  const sixRd = new Uint8Array(SIX_RD);
  const view = new DataView(sixRd.buffer);
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'dev') device = cursor.next();
    else if (word === '6rd-reset') request = SIOCDEL6RD;
    else if (word === '6rd-prefix') {
      const { bytes, length } = parsePrefix(cursor.next(), AF_INET6);
      sixRd.set(bytes, 0);
      view.setUint16(PREFIX_LENGTH, length, true);
      request = SIOCADD6RD;
    } else if (word === '6rd-relay_prefix') {
      const { bytes, length } = parsePrefix(cursor.next(), AF_INET);
      sixRd.set(bytes, RELAY_PREFIX);
      view.setUint16(RELAY_PREFIX_LENGTH, length, true);
      request = SIOCADD6RD;
    } else throw fatal(`Invalid 6RD parameter "${word}"`);
  }
  if (device === undefined) throw fatal('Must specify device');
  if (request === 0) throw noRequest(device);
  await tunnelIoctl(context, device, request, sixRd);
  return 0;
}

export const sixRd: Verb = {
  names: ['6rd'],
  summary: "the prefix by which IPv6 addresses name their site's IPv4 address",
  keywords: [
    { word: 'dev', exact: true, value: 'DEVICE', complete: 'device', text: 'the tunnel, of mode sit' },
    { word: '6rd-prefix', exact: true, value: 'PREFIX', text: 'the IPv6 prefix of all sites' },
    { word: '6rd-relay_prefix', exact: true, value: 'PREFIX', text: 'what the IPv4 addresses of all sites have in common' },
    { word: '6rd-reset', exact: true, text: 'that of sit0 again, 2002::/16 (6to4)' },
  ],
  run,
};
