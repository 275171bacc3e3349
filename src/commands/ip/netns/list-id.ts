import { NETNSA_NSID_NOT_ASSIGNED, RTM_DELNSID, RTM_GETNSID } from '../../../netlink/rtnl/constants.js';
import { nsidMessage } from '../../../netlink/rtnl/nsid.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { fatal, invalidArgument } from '../../shared/failure.js';
import { type Keyword, readKeywords } from '../../shared/keywords.js';
import { parseSigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';
import { NETNS_USAGE } from './usage.js';

interface Words {
  target: number | undefined;
  nsid: number | undefined;
}

const id = (word: string, key: keyof Words, text: string): Keyword<Words> => ({
  word,
  exact: true,
  value: 'ID',
  text,
  take: (s, c) => {
    const argument = c.next();
    const number = parseSigned(argument);
    if (number === null) throw invalidArgument(`"${word}" value is invalid\n`, argument);
    if (number < 0) throw invalidArgument(`"${word}" value should be >= 0`, argument);
    s[key] = number;
  },
});

const keywords = [id('target-nsid', 'target', 'ids as the namespace with that id sees them'), id('nsid', 'nsid', 'that one alone')];

/** One id, and the name of its namespace. Names must be loaded. */
export function printNsid(context: IpContext, message: NetlinkMessage): void {
  const { out, namespaces } = context;
  const { nsid, currentNsid } = nsidMessage.parseAttributes(message);
  if (nsid === undefined) return;
  out.openObject();
  if (message.type === RTM_DELNSID) out.flag('deleted', 'Deleted ');
  out.field('nsid', nsid, nsid >= 0 ? `nsid ${nsid} ` : 'nsid unassigned ');
  if (currentNsid !== undefined)
    out.field(
      'current-nsid',
      currentNsid,
      currentNsid === NETNSA_NSID_NOT_ASSIGNED ? 'current-nsid unassigned ' : `current-nsid ${currentNsid} `,
    );
  const name = namespaces.nameOf(currentNsid === undefined || currentNsid < 0 ? nsid : currentNsid);
  if (name !== undefined) out.field('name', name, `(iproute2 netns name: ${name})`);
  out.text('\n');
  out.closeObject();
}

export const listId: Verb = {
  names: ['list-id'],
  summary: 'show the ids that other network namespaces have in this one',
  keywords,
  async run(context, cursor) {
    const words: Words = { target: undefined, nsid: undefined };
    await readKeywords(keywords, words, cursor, () => {
      throw fatal(NETNS_USAGE);
    });
    await context.namespaces.load();
    const attributes = {
      ...(words.target === undefined ? {} : { targetNsid: words.target }),
      ...(words.nsid === undefined ? {} : { nsid: words.nsid }),
    };
    const { out } = context;
    out.openDocument();
    if (words.nsid !== undefined) printNsid(context, await context.get(nsidMessage, { type: RTM_GETNSID, attributes }));
    else for await (const message of context.dump(nsidMessage, { type: RTM_GETNSID, attributes })) printNsid(context, message);
    out.closeDocument();
    return 0;
  },
};
