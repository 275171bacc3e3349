import { AF_UNSPEC } from '../../../netlink/constants.js';
import { RTNH_F_ONLINK } from '../../../netlink/rtnl/constants.js';
import type { Nexthop } from '../../../netlink/rtnl/route.js';
import { parseAddress } from '../../shared/address.js';
import { abbreviates, Cursor } from '../../shared/cursor.js';
import { fatal, invalidArgument } from '../../shared/failure.js';
import { familyByName } from '../../shared/families.js';
import { parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import { readEncapsulation } from '../encap/encap.js';
import { parseRealms } from './realms.js';
import type { RouteWords } from './words.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** `nexthop via ADDR dev DEV weight N ... nexthop ...`: the legs of a multipath route. */
export async function readNexthops(context: IpContext, words: RouteWords): Promise<Nexthop[]> {
  const cursor = new Cursor(words.nexthops);
  const legs: Nexthop[] = [];
  while (!cursor.done) {
    if (cursor.peek() !== 'nexthop') throw fatal(`Error: "nexthop" or end of line is expected instead of "${cursor.peek()}"`);
    if (cursor.left <= 1) throw fatal('Error: unexpected end of line after "nexthop"');
    cursor.skip();
    legs.push(await readNexthop(context, words, cursor));
  }
  return legs;
}

async function readNexthop(context: IpContext, words: RouteWords, cursor: Cursor): Promise<Nexthop> {
  const attributes: Writable<Nexthop['attributes']> = {};
  let ifindex = 0;
  let hops = 0;
  let flags = 0;
  while (!cursor.done) {
    const word = cursor.peek();
    if (word === 'via') {
      cursor.skip();
      readGateway(words, cursor, attributes);
    } else if (word === 'dev') {
      cursor.skip();
      ifindex = await context.device(cursor.next());
    } else if (word === 'encap') {
      cursor.skip();
      Object.assign(attributes, readEncapsulation(context, cursor));
    } else if (word === 'weight') {
      cursor.skip();
      const text = cursor.next();
      const weight = parseUnsigned(text, 256);
      if (weight === null || weight === 0) throw invalidArgument('"weight" is invalid\n', text);
      hops = weight - 1;
    } else if (word === 'onlink') {
      cursor.skip();
      flags |= RTNH_F_ONLINK;
    } else if (abbreviates(word, 'realms')) {
      cursor.skip();
      const text = cursor.next();
      const realms = await parseRealms(context, text);
      if (realms === null) throw invalidArgument('"realm" value is invalid\n', text);
      attributes.flow = realms;
    } else break;
  }
  return { flags, hops, ifindex, attributes };
}

function readGateway(words: RouteWords, cursor: Cursor, attributes: Writable<Nexthop['attributes']>): void {
  const word = cursor.next();
  const family = familyByName(word);
  const address = parseAddress(family === null ? word : cursor.next(), family ?? words.family);
  if (words.family === AF_UNSPEC) words.family = address.family;
  if (address.family === words.family) attributes.gateway = address.bytes;
  else attributes.via = { family: address.family, address: address.bytes };
}
