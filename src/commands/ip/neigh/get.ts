import { AF_UNSPEC } from '../../../netlink/constants.js';
import { NTF_PROXY, RTM_GETNEIGH } from '../../../netlink/rtnl/constants.js';
import { neighbourMessage } from '../../../netlink/rtnl/neighbour.js';
import { parseAddress } from '../../shared/address.js';
import { abbreviates } from '../../shared/cursor.js';
import { duplicateArgument, failure, fatal } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import type { Verb } from '../object.js';
import { type NeighbourWords, newWords, takeAddress } from './modify.js';
import { printNeighbour, viewOf } from './print.js';
import { NEIGHBOUR_USAGE } from './usage.js';

const keywords: readonly Keyword<NeighbourWords>[] = [
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'the device that the neighbour is on',
    take: (s, c) => {
      s.device = c.next();
    },
  },
  {
    word: 'proxy',
    value: 'ADDR',
    text: 'an address that is answered for others',
    take: (s, c) => {
      const text = c.next();
      if (abbreviates(text, 'help')) throw fatal(NEIGHBOUR_USAGE);
      if (s.to !== undefined) throw duplicateArgument('address', text);
      s.to = parseAddress(text, s.context.options.family);
      s.flags |= NTF_PROXY;
    },
  },
  { word: 'to', exact: true, value: 'ADDR', text: 'the address; the word may be left out', take: takeAddress },
];

export const get: Verb = {
  names: ['get'],
  summary: 'show one entry',
  operands: 'ADDR',
  keywords,
  async run(context, cursor) {
    const words = newWords(context);
    await readKeywords(keywords, words, cursor, takeAddress);
    const proxied = (words.flags & NTF_PROXY) !== 0;
    if (words.to === undefined || words.to.family === AF_UNSPEC || (words.device === undefined && !proxied))
      throw failure('Device and address are required arguments.');
    const ifindex = words.device === undefined ? 0 : await context.device(words.device);
    const answer = await context.get(neighbourMessage, {
      type: RTM_GETNEIGH,
      header: { family: words.to.family, flags: words.flags, ifindex },
      attributes: { dst: words.to.bytes },
    });
    await context.names.load('rt_protos');
    await context.links.learn(ifindex);
    const { out } = context;
    out.openDocument();
    out.openObject();
    printNeighbour(context, viewOf(answer), true);
    out.closeObject();
    out.closeDocument();
    return 0;
  },
};
