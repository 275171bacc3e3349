import { AF_BRIDGE } from '../../netlink/constants.js';
import { BRIDGE_VLAN_INFO_RANGE_BEGIN, bridgeLinkMessage } from '../../netlink/rtnl/bridge.js';
import { RTEXT_FILTER_BRVLAN_COMPRESSED, RTM_GETLINK } from '../../netlink/rtnl/constants.js';
import type { IpContext } from '../ip/context.js';
import type { Cursor } from '../shared/cursor.js';
import { invalidArgument } from '../shared/failure.js';
import { parseUnsigned } from '../shared/numbers.js';
import { INDENT, printPlace, printRange } from './vlan-options.js';
import type { Range, ShowSelection } from './vlan-words.js';

const MAX_TUNNEL = (1 << 24) - 1;
const ID_WIDTH = 11;

/** Behind "tunnel_info": "id 5" or "id 5-9". */
export function parseTunnel(cursor: Cursor): Range {
  const word = cursor.next();
  if (word !== 'id') throw invalidArgument('tunnel id expected', word);
  const text = cursor.next();
  const dash = text.indexOf('-', 1);
  const begin = parseUnsigned(dash < 0 ? text : text.slice(0, dash), MAX_TUNNEL);
  const end = dash < 0 ? begin : parseUnsigned(text.slice(dash + 1), MAX_TUNNEL);
  if (begin === null || end === null) throw invalidArgument('invalid tun id', text);
  return { begin, end };
}

/** `bridge vlan tunnelshow` */
export async function showTunnels(context: IpContext, { index, vid }: ShowSelection): Promise<number> {
  const { out, links } = context;
  await links.load();
  out.openDocument();
  out.text(`${'port'.padEnd(INDENT)}${'vlan-id'.padEnd(ID_WIDTH)}tunnel-id\n`);
  const request = { type: RTM_GETLINK, header: { family: AF_BRIDGE }, attributes: { extMask: RTEXT_FILTER_BRVLAN_COMPRESSED } };
  for await (const message of context.dump(bridgeLinkMessage, request)) {
    const { header, attributes } = bridgeLinkMessage.parse(message);
    if (index !== 0 && header.index !== index) continue;
    let begin = { vid: 0, id: 0 };
    let first = true;
    for (const { vid: last = 0, id = 0, flags = 0 } of attributes.afSpec?.tunnelInfo ?? []) {
      if ((flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0) {
        begin = { vid: last, id };
        continue;
      }
      const from = begin.vid === 0 ? { vid: last, id } : begin;
      begin = { vid: 0, id: 0 };
      if (vid !== undefined && (vid < from.vid || vid > last)) continue;
      if (first) {
        out.openObject();
        printPlace(out, attributes.ifname ?? links.nameOf(header.index));
        out.openArray('tunnels');
      } else out.text(' '.repeat(INDENT));
      first = false;
      out.openObject();
      printRange(out, from.vid, last);
      out.text(' '.repeat(ID_WIDTH - (from.vid === last ? `${last}` : `${from.vid}-${last}`).length));
      out.field('tunid', from.id, from.id === id ? `${id}` : `${from.id}-${id}`);
      if (from.id !== id) out.json('tunidEnd', id);
      out.text('\n');
      out.closeObject();
    }
    if (first) continue;
    out.closeArray();
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}
