import { E2BIG, EINVAL, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import type { AttributeShape } from '../../../netlink/attributes.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import {
  NFT_CHAIN_BINDING,
  NFT_MSG_DELRULE,
  NFT_MSG_GETRULE,
  NFT_MSG_NEWRULE,
  type RuleAttributes,
  ruleMessage,
} from '../../../netlink/nfnl/nf-tables.js';
import { nfnlOperation } from '../../../netlink/nfnl/nfnetlink.js';
import type { Chain } from '../../../net/netfilter/nf_tables/chain.js';
import { describeExpression, initExpression, parseExpression } from '../../../net/netfilter/nf_tables/expressions/make.js';
import { Rule, type RuleExpression } from '../../../net/netfilter/nf_tables/rule.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import { checkJump } from '../../../net/netfilter/nf_tables/validate.js';
import type { NfnlHandler } from '../nfnetlink.js';
import { Context, tablesOf } from './context.js';
import { expressionOffset } from './expression-offset.js';

type RuleContext = Context<(typeof ruleMessage.attributes)['shape']>;

/** NFT_RULE_MAXEXPRS */
const MAX_EXPRESSIONS = 128;

export function describeRule(rule: Rule, reset = false): RuleAttributes {
  const { rules, table } = rule.chain;
  const before = rules[rules.indexOf(rule) - 1];
  return {
    table: table.name,
    chain: rule.chain.name,
    handle: rule.handle,
    ...(before === undefined ? {} : { position: before.handle }),
    expressions: rule.parts.map((part) => describeExpression(part, reset)),
    ...(rule.userdata === undefined ? {} : { userdata: rule.userdata }),
  };
}

const told = (context: Context<AttributeShape>, type: number, flags: number, rule: Rule) => () =>
  context.notify(ruleMessage, type, flags, rule.chain.table.family, () => describeRule(rule));

const byHandle = (chain: Chain, handle: number): Rule | undefined => chain.rules.find((rule) => rule.handle === handle);

// Linux: nf_tables_newrule()
function newRule(context: RuleContext, transaction: Transaction): void {
  const { values } = context;
  const table = context.table(values.table, 'table', true);
  const chain = chainOf(context, table.chains, transaction);
  if ((chain.flags & NFT_CHAIN_BINDING) !== 0 && chain.bound) fail(EOPNOTSUPP);
  if (values.handle !== undefined) {
    const old = byHandle(chain, values.handle) ?? context.bad(ENOENT, 'handle');
    if (context.has(NLM_F_EXCL)) context.bad(EINVAL, 'handle');
    if (!context.has(NLM_F_REPLACE)) fail(EOPNOTSUPP);
    // It takes the place and the handle of the old one.
    const rule = makeRule(context, chain, transaction, old.handle);
    const at = chain.rules.indexOf(old);
    checkNow(context, rule, transaction);
    insertRule(context, rule, at + 1, transaction);
    removeRule(context, old, transaction);
    return;
  }
  if (!context.has(NLM_F_CREATE) || context.has(NLM_F_REPLACE)) fail(EINVAL);
  let beside: Rule | undefined;
  if (values.position !== undefined) beside = byHandle(chain, values.position) ?? context.bad(ENOENT, 'position');
  else if (values.positionId !== undefined) {
    beside = transaction.ruleIds.get(values.positionId);
    if (beside === undefined || beside.chain !== chain) context.bad(ENOENT, 'positionId');
  }
  const append = context.has(NLM_F_APPEND);
  const rule = makeRule(context, chain, transaction);
  const at = beside === undefined ? (append ? chain.rules.length : 0) : chain.rules.indexOf(beside) + (append ? 1 : 0);
  checkNow(context, rule, transaction);
  insertRule(context, rule, at, transaction);
}

function chainOf(context: RuleContext, chains: ReadonlyMap<string, Chain>, transaction: Transaction): Chain {
  const { values } = context;
  if (values.chain !== undefined) return chains.get(values.chain) ?? context.bad(ENOENT, 'chain');
  if (values.chainId === undefined) return fail(EINVAL);
  return transaction.chainIds.get(values.chainId) ?? context.bad(ENOENT, 'chainId');
}

/** `handle`: left out, the next one, which is used up even where the rule is refused. */
function makeRule(context: RuleContext, chain: Chain, transaction: Transaction, handle?: number): Rule {
  const { values, namespace } = context;
  const wires = values.expressions ?? [];
  if (wires.length > MAX_EXPRESSIONS) fail(E2BIG);
  const each = <T, R>(items: readonly T[], work: (item: T) => R): R[] =>
    items.map((item, index) => {
      try {
        return work(item);
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        throw new NetError(error.errno, error.extack, expressionOffset(context.request.message, index) ?? error.offset);
      }
    });
  const number = handle ?? chain.table.nextHandle();
  const made = { namespace, table: chain.table, chain, transaction };
  const parsed = each(wires, (wire) => parseExpression(wire, made));
  const parts: RuleExpression[] = each(parsed, (one) => initExpression(one, made));
  return new Rule(chain, number, parts, values.userdata);
}

function insertRule(context: RuleContext, rule: Rule, at: number, transaction: Transaction): void {
  const { chain } = rule;
  rule.activate(transaction);
  chain.rules.splice(at, 0, rule);
  transaction.chains.add(chain);
  const { id } = context.values;
  if (id !== undefined) transaction.ruleIds.set(id, rule);
  transaction.did(
    () => {
      chain.rules.splice(chain.rules.indexOf(rule), 1);
      rule.deactivate(transaction);
    },
    told(context, NFT_MSG_NEWRULE, context.request.flags & (NLM_F_APPEND | NLM_F_EXCL), rule),
  );
}

/** A rule that closes a loop or leads too deep is told of where its jump stands; one that may not be here at all, as a whole. */
function checkNow(context: RuleContext, rule: Rule, transaction: Transaction): void {
  const { chain } = rule;
  for (const [index, expression] of rule.expressions.entries()) {
    try {
      expression.targets((to) => checkJump(to, chain.base));
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      throw new NetError(error.errno, error.extack, expressionOffset(context.request.message, index));
    }
    if (chain.base === null) continue;
    try {
      expression.validate(chain.base);
    } catch (error) {
      if (!(error instanceof NetError) || context.tables.validating) throw error;
      transaction.invalid = true;
    }
  }
}

// Linux: nf_tables_delrule()
function deleteRule(context: RuleContext, transaction: Transaction): void {
  const { values } = context;
  const table = context.table(values.table, 'table', true);
  if (values.chain === undefined) {
    for (const chain of table.chains.values())
      if (!chain.bound) for (const rule of [...chain.rules]) removeRule(context, rule, transaction);
    return;
  }
  const chain = context.chain(table, values.chain, 'chain');
  if ((chain.flags & NFT_CHAIN_BINDING) !== 0) fail(EOPNOTSUPP);
  if (values.handle !== undefined) {
    removeRule(context, byHandle(chain, values.handle) ?? context.bad(ENOENT, 'handle'), transaction);
  } else if (values.id !== undefined) {
    removeRule(context, transaction.ruleIds.get(values.id) ?? context.bad(ENOENT, 'id'), transaction);
  } else for (const rule of [...chain.rules]) removeRule(context, rule, transaction);
}

export function removeRule(context: Context<AttributeShape>, rule: Rule, transaction: Transaction): void {
  const { chain } = rule;
  const at = chain.rules.indexOf(rule);
  if (at < 0) return;
  rule.deactivate(transaction);
  chain.rules.splice(at, 1);
  transaction.chains.add(chain);
  transaction.did(
    () => {
      chain.rules.splice(at, 0, rule);
      rule.activate(transaction);
    },
    told(context, NFT_MSG_DELRULE, 0, rule),
  );
}

const context = (request: ConstructorParameters<typeof Context>[0]) => new Context(request, ruleMessage);

export const ruleHandlers: readonly NfnlHandler<Transaction>[] = [
  { operation: nfnlOperation(NFT_MSG_NEWRULE), inBatch: (request, transaction) => newRule(context(request), transaction) },
  { operation: nfnlOperation(NFT_MSG_DELRULE), inBatch: (request, transaction) => deleteRule(context(request), transaction) },
  {
    operation: nfnlOperation(NFT_MSG_GETRULE),
    handle(request) {
      const asked = context(request);
      const table = asked.table(asked.values.table, 'table', false);
      const chain = asked.chain(table, asked.values.chain, 'chain');
      const rule = byHandle(chain, asked.values.handle ?? 0) ?? asked.bad(ENOENT, 'handle');
      request.answer(ruleMessage, asked.header(table.family), describeRule(rule), NFT_MSG_NEWRULE);
    },
    dump(request) {
      const asked = context(request);
      const { table, chain } = asked.values;
      return asked.dump(
        ruleMessage,
        NFT_MSG_NEWRULE,
        () =>
          tablesOf(asked.tables, asked.family, table)
            .flatMap((one) => [...one.chains.values()].filter((other) => chain === undefined || other.name === chain))
            .flatMap((one) => one.rules),
        (rule) => [rule.chain.table.family, describeRule(rule)] as const,
      );
    },
  },
];
