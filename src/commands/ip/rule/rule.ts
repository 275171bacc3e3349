import { AF_INET, AF_UNSPEC, NLM_F_CREATE, NLM_F_EXCL } from '../../../netlink/constants.js';
import { RT_TABLE_MAIN, RT_TABLE_UNSPEC, RTM_DELRULE, RTM_NEWRULE } from '../../../netlink/rtnl/constants.js';
import { FR_ACT_TO_TBL, ruleMessage } from '../../../netlink/rtnl/rule.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import type { Cursor } from '../../shared/cursor.js';
import { failure } from '../../shared/failure.js';
import { readKeywords } from '../../shared/keywords.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';
import { readSaved, restoreSaved, writeSaved } from '../saved.js';
import { listRules, readRuleFilter, ruleFilterKeywords } from './filter.js';
import { loadRuleNames, printRule, type RuleView } from './print.js';
import { RULE_USAGE } from './usage.js';
import { newRuleWords, ruleKeywords, takeAction } from './words.js';

/** First four bytes of a file of rules. */
const MAGIC = 0x71706986;

async function modify(context: IpContext, cursor: Cursor, type: number, name: string): Promise<number> {
  if (cursor.done) throw failure(`"ip rule ${name}" requires arguments.`);
  const adding = type === RTM_NEWRULE;
  await loadRuleNames(context);
  const words = newRuleWords(context);
  await readKeywords(ruleKeywords, words, cursor, takeAction);
  const { attributes } = words;
  if (attributes.l3mdev !== undefined && words.table !== undefined && words.table !== 0)
    throw failure('table can not be specified for l3mdev rules', 22);
  let table = words.table ?? RT_TABLE_UNSPEC;
  if (words.table !== undefined && words.table > 255) {
    table = RT_TABLE_UNSPEC;
    attributes.table = words.table;
  }
  // A translation says nothing of a table, unlike the type of that name.
  const acts = words.action !== undefined && !words.translates;
  const decided = words.table !== undefined || acts || attributes.l3mdev !== undefined;
  if (adding && !decided) table = RT_TABLE_MAIN;
  const { family } = context.options;
  await context.request(ruleMessage, {
    type,
    flags: adding ? NLM_F_CREATE | NLM_F_EXCL : 0,
    header: {
      family: family === AF_UNSPEC ? AF_INET : family,
      srcLen: words.srcLen,
      dstLen: words.dstLen,
      tos: words.tos,
      table,
      action: words.action ?? (adding ? FR_ACT_TO_TBL : 0),
      flags: words.flags,
    },
    attributes,
  });
  return 0;
}

async function showRules(context: IpContext, cursor: Cursor): Promise<number> {
  const { out } = context;
  const filter = await readRuleFilter(context, cursor);
  out.openDocument();
  for await (const view of listRules(context, filter)) {
    out.openObject();
    printRule(context, view);
    out.closeObject();
    await out.flushIfFull();
  }
  out.closeDocument();
  return 0;
}

async function flush(context: IpContext, cursor: Cursor): Promise<number> {
  const filter = await readRuleFilter(context, cursor);
  const found: RuleView[] = [];
  for await (const view of listRules(context, filter)) found.push(view);
  for (const { header, attributes } of found) {
    // The rule of the local table stays.
    if (attributes.priority === undefined) continue;
    if (filter.protocol !== undefined && filter.protocol !== attributes.protocol) continue;
    await context.request(ruleMessage, { type: RTM_DELRULE, header, attributes });
  }
  return 0;
}

const show: Verb = {
  names: ['list', 'show'],
  hidden: ['lst'],
  summary: 'show rules in the order in which they are asked',
  operands: '[ SELECTOR ]',
  keywords: ruleFilterKeywords,
  run: showRules,
};

const save: Verb = {
  names: ['save'],
  summary: 'write the rules to standard output, in a form for restore',
  keywords: [],
  async run(context, cursor) {
    if (!cursor.done) throw failure('"ip rule save" does not take any arguments.');
    const filter = await readRuleFilter(context, cursor);
    const messages: NetlinkMessage[] = [];
    for await (const { message } of listRules(context, filter)) messages.push(message);
    return writeSaved(context, MAGIC, messages);
  },
};

const restore: Verb = {
  names: ['restore'],
  summary: 'make the rules of a file made by save, from standard input',
  keywords: [],
  run: async (context) => restoreSaved(context, await readSaved(context, MAGIC), NLM_F_CREATE),
};

const add: Verb = {
  names: ['add'],
  summary: 'make a rule',
  operands: 'SELECTOR ACTION',
  keywords: ruleKeywords,
  run: (context, cursor) => modify(context, cursor, RTM_NEWRULE, 'add'),
};

const remove: Verb = {
  names: ['delete'],
  summary: 'remove the first rule that is like that',
  operands: 'SELECTOR ACTION',
  keywords: ruleKeywords,
  run: (context, cursor) => modify(context, cursor, RTM_DELRULE, 'del'),
};

const flushVerb: Verb = {
  names: ['flush'],
  summary: 'remove all rules that are selected, but never that of the local table',
  operands: '[ SELECTOR ]',
  keywords: ruleFilterKeywords,
  run: flush,
};

/** `ip rule`: which routing table is asked for which packets. */
export const rule: IpObject = {
  name: 'rule',
  summary: 'rules of policy routing',
  usage: RULE_USAGE,
  description: [
    'For each packet the rules are asked in the order of their priorities, the lowest first. A rule whose selector fits acts: most ask a routing table, and where that has no route for the packet, the next rule is asked.',
    'At first there are three: 0 asks the table local, 32766 main, and 32767 default.',
  ],
  verbs: [show, save, restore, add, remove, flushVerb],
  withoutVerb: showRules,
  examples: [
    ['ip rule add from 10.1.0.0/16 table 100', 'packets from that net go by a table of their own'],
    ['ip rule add fwmark 1 lookup 200 pref 100', 'marked packets go by table 200'],
    ['ip rule add table main suppress_prefixlength 0', 'all routes of main, but its default route'],
  ],
};
