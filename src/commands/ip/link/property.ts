import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../../../netlink/constants.js';
import { ALTIFNAMSIZ, RTM_DELLINKPROP, RTM_NEWLINKPROP } from '../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import { abbreviates, type Cursor } from '../../shared/cursor.js';
import { CommandFailure, duplicateOrGarbage, fatal, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { LINK_USAGE } from './usage.js';

interface Words {
  device: string | undefined;
  names: string[];
}

const keywords: readonly Keyword<Words>[] = [
  {
    word: 'altname',
    value: 'NAME',
    text: 'an alternative name, up to 127 characters; may come again',
    take: (s, c) => {
      const name = c.next();
      if (name === '' || name.length > ALTIFNAMSIZ || /[/\s]/.test(name)) throw invalidArgument('not a valid altname', name);
      s.names.push(name);
    },
  },
  {
    word: 'dev',
    exact: true,
    value: 'DEVICE',
    complete: 'device',
    text: 'the device',
    take: (s, c) => takeDevice(s, c.next()),
  },
];

function takeDevice(s: Words, name: string): void {
  if (s.device !== undefined) throw duplicateOrGarbage('dev', name);
  s.device = name;
}

async function change(context: IpContext, cursor: Cursor, type: number, flags: number): Promise<number> {
  const words: Words = { device: undefined, names: [] };
  await readKeywords(keywords, words, cursor, () => {
    if (abbreviates(cursor.peek(), 'help')) throw fatal(LINK_USAGE);
    takeDevice(words, cursor.next());
  });
  if (words.device === undefined) throw new CommandFailure(255, 'Not enough of information: "dev" argument is required.\n');
  await context.request(linkMessage, {
    type,
    flags,
    header: { index: await context.device(words.device) },
    attributes: { propList: words.names },
  });
  return 0;
}

/** `ip link property add|del dev DEVICE altname NAME ...` */
export const property: Verb = {
  names: ['property'],
  summary: 'give a device alternative names, or take them away',
  operands: '{ add | del }',
  completeOperand: ['add', 'del'],
  keywords,
  async run(context, cursor) {
    if (cursor.done) throw fatal(LINK_USAGE);
    const word = cursor.next();
    if (abbreviates(word, 'add')) return change(context, cursor, RTM_NEWLINKPROP, NLM_F_EXCL | NLM_F_CREATE | NLM_F_APPEND);
    if (abbreviates(word, 'delete')) return change(context, cursor, RTM_DELLINKPROP, 0);
    if (abbreviates(word, 'help')) throw fatal(LINK_USAGE);
    throw fatal('Operator required');
  },
};
