import { EEXIST, EINVAL, ENOBUFS, ENODEV, ENOENT, EOPNOTSUPP, EPERM, strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../netlink/constants.js';
import { RTM_DELLINK, RTM_NEWLINK } from '../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import type { Cursor } from '../../shared/cursor.js';
import { failure } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { dataOf, IPPROTO_IPV6, isBase, modeOf, type Tunnel } from './modes.js';
import { allTunnels, sameEnds } from './show.js';
import { keywords, readTunnel } from './words.js';

const failed = (what: string, name: string, errno: number) => failure(`${what} tunnel "${name}" failed: ${strerror(errno)}`);

/** The errno that a device which is no tunnel answers with, if it is there at all. */
async function refusalOf(context: IpContext, name: string): Promise<number> {
  return name !== '' && (await context.links.indexOf(name)) !== 0 ? EOPNOTSUPP : ENODEV;
}

async function existing(context: IpContext, name: string): Promise<Tunnel> {
  const found = (await allTunnels(context)).find(({ tunnel }) => tunnel.name === name);
  if (found === undefined) throw failed('get', name, await refusalOf(context, name));
  return found.tunnel;
}

/** Linux: ipip6_tunnel_locate(): of a sit tunnel that is there there is no room for another. */
const refusedAdd = ({ protocol }: Tunnel, errno: number) => (errno === EEXIST && protocol === IPPROTO_IPV6 ? ENOBUFS : errno);

async function addOrChange(context: IpContext, cursor: Cursor, adding: boolean): Promise<number> {
  const { tunnel } = await readTunnel(context, cursor, adding ? undefined : (name) => existing(context, name));
  const mode = modeOf(tunnel.protocol);
  if (tunnel.ttl !== 0 && !tunnel.pmtudisc) throw failure('ttl != 0 and nopmtudisc are incompatible');
  if (mode === undefined) throw failure('cannot determine tunnel mode (ipip, gre, vti or sit)');
  const { name } = tunnel;
  const index = adding ? 0 : await context.links.indexOf(name);
  const client = await context.client();
  try {
    await client.request(linkMessage, {
      type: RTM_NEWLINK,
      flags: adding ? NLM_F_CREATE | NLM_F_EXCL : 0,
      header: { index },
      attributes: { ...(adding && name !== '' ? { ifname: name } : {}), linkinfo: { kind: mode.kind, data: dataOf(tunnel) } },
    });
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    // The ioctl goes to the module's device where a tunnel is made, to the tunnel itself where it is changed.
    throw failed('add', adding ? mode.base : name, adding ? refusedAdd(tunnel, error.errno) : error.errno);
  }
  return 0;
}

async function remove(context: IpContext, cursor: Cursor): Promise<number> {
  const { tunnel, moded } = await readTunnel(context, cursor);
  const name = tunnel.name === '' && moded ? (modeOf(tunnel.protocol)?.base ?? '') : tunnel.name;
  const all = await allTunnels(context);
  let found = all.find((other) => other.tunnel.name === name);
  if (found === undefined) throw failed('delete', name, await refusalOf(context, name));
  if (isBase(name)) {
    // Linux: asked of the module's device, the ioctl is about the tunnel that is set just so.
    const { kind } = found.attributes.linkinfo ?? {};
    found = all.find((other) => other.attributes.linkinfo?.kind === kind && sameEnds(other.tunnel, tunnel));
    if (found === undefined) throw failed('delete', name, ENOENT);
    if (found.tunnel.name === name) throw failed('delete', name, EPERM);
  }
  const client = await context.client();
  try {
    await client.request(linkMessage, { type: RTM_DELLINK, header: { index: found.header.index }, attributes: {} });
  } catch (error) {
    throw error instanceof NetError ? failed('delete', name, error.errno === EEXIST ? EINVAL : error.errno) : error;
  }
  return 0;
}

export const add: Verb = {
  names: ['add'],
  summary: 'make a tunnel',
  operands: '[ NAME ]',
  keywords,
  run: (context, cursor) => addOrChange(context, cursor, true),
};

export const change: Verb = {
  names: ['change'],
  hidden: ['chg'],
  summary: 'change a tunnel',
  operands: 'NAME',
  completeOperand: 'device',
  keywords,
  run: (context, cursor) => addOrChange(context, cursor, false),
};

export const del: Verb = {
  names: ['delete'],
  summary: 'remove a tunnel',
  operands: 'NAME',
  completeOperand: 'device',
  keywords,
  run: remove,
};
