import { attributes, layout } from '../../netlink/attributes.js';
import { AF_BRIDGE } from '../../netlink/constants.js';
import { RTM_DELMDB, RTM_GETMDB, RTM_NEWMDB } from '../../netlink/rtnl/constants.js';
import { message } from '../../netlink/schema.js';
import type { IpContext } from '../ip/context.js';
import type { Cursor } from '../shared/cursor.js';
import { fatal } from '../shared/failure.js';
import { deviceIndex } from './link.js';
import type { BridgeVerb } from './object.js';

/** struct br_port_msg, linux/if_bridge.h; of a stack without multicast snooping nothing more is known. */
const mdbMessage = message('mdb', layout({ family: 'u8', pad1: 'pad8', pad2: 'pad16', ifindex: 'u32' }), attributes('MDBA', {}));

async function show(context: IpContext): Promise<number> {
  for await (const _message of context.dump(mdbMessage, { type: RTM_GETMDB, header: { family: AF_BRIDGE }, attributes: {} }, 255));
  return 0;
}

async function modify(context: IpContext, cursor: Cursor, _options: unknown, name: string): Promise<number> {
  const words = cursor.rest();
  const at = words.indexOf('dev');
  const device = at < 0 ? undefined : words[at + 1];
  if (device === undefined || !words.includes('port') || !words.includes('grp'))
    throw fatal('Device, group address and port name are required arguments.');
  const ifindex = await deviceIndex(context, device);
  const type = name === 'delete' ? RTM_DELMDB : RTM_NEWMDB;
  await context.request(mdbMessage, { type, header: { family: AF_BRIDGE, ifindex }, attributes: {} });
  return 0;
}

export const mdbVerbs: readonly BridgeVerb[] = [
  { names: ['add'], run: modify },
  { names: ['delete'], run: modify },
  { names: ['show', 'lst', 'list'], run: show },
];
export const showMdb = show;
