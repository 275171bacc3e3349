import type { Deferred } from '../../../netlink/schema.js';
import type { Cursor } from '../../shared/cursor.js';
import { fatal, invalidArgument } from '../../shared/failure.js';
import type { Keyword } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { EncapPart } from './kind.js';
import { bpf, ila, ioam6, mpls, rpl, seg6, seg6local, xfrm } from './later.js';
import { ip, ip6 } from './tunnel.js';

/** The kinds of encapsulation of routes. */
const parts: readonly EncapPart[] = [mpls, ip, ip6, ila, bpf, seg6, seg6local, rpl, ioam6, xfrm];

export interface EncapAttributes {
  readonly encap?: Deferred | undefined;
  readonly encapType?: number | undefined;
}

/** What stands behind the word `encap`. iproute2: lwt_parse_encap() */
export function readEncapsulation(context: IpContext, cursor: Cursor): { readonly encap: Deferred; readonly encapType: number } {
  const name = cursor.next();
  const part = parts.find((other) => other.name === name);
  if (part === undefined) throw invalidArgument('"encap type" value is invalid\n', name);
  if (cursor.left === 0) cursor.next();
  if (cursor.left === 1) throw fatal('Error: unexpected end of line after "encap"');
  return { encap: part.parse(context, cursor), encapType: part.type };
}

/** The word `encap` of a route or a nexthop object. */
export const encapWord = <S extends { readonly context: IpContext; readonly attributes: object }>(): Keyword<S> => ({
  word: 'encap',
  exact: true,
  value: 'ENCAPTYPE ENCAPHDR',
  complete: ['ip', 'ip6'],
  text: 'what the tunnel device puts around packets; ENCAPHDR of ip: [ id ID ] [ src ADDRESS ] [ dst ADDRESS ] [ ttl TTL ] [ tos TOS ] [ key ] [ csum ] [ seq ] and geneve_opts, vxlan_opts or erspan_opts; of ip6 the same with hoplimit and tc',
  take: (s, c) => {
    Object.assign(s.attributes, readEncapsulation(s.context, c));
  },
});

/** iproute2: lwt_print_encap() */
export function printEncapsulation(context: IpContext, { encap, encapType }: EncapAttributes): void {
  if (encap === undefined || encapType === undefined) return;
  const part = parts.find(({ type }) => type === encapType);
  const name = part?.name ?? 'unknown';
  context.out.field('encap', name, ` encap ${name} `);
  part?.print?.(context, encap);
}
