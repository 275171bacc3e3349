import { ENOENT, strerror } from '../../../base/errno.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../netlink/constants.js';
import * as wire from '../../../netlink/nfnl/nf-tables.js';
import type * as ast from '../ast.js';
import type { Command } from '../command.js';
import { debugRule } from '../debug.js';
import { fail } from '../errors.js';
import { completeChain, completeFlowtable, completeObject, completeSet } from '../evaluate/declarations.js';
import { Evaluation } from '../evaluate/evaluation.js';
import { wireElements } from '../linearise/elements.js';
import { chainValues, familyNumber, flowtableValues, objectValues, ruleValues, tableValues } from '../linearise/messages.js';
import type { Location } from '../location.js';
import { TableState } from '../ruleset/ruleset.js';
import type { Changes } from './changes.js';
import { addElements } from './elements.js';

/** add, create, insert and replace. */
export async function add(changes: Changes, command: Command): Promise<void> {
  const family = familyNumber[command.family!];
  const flags = NLM_F_CREATE | (command.verb === 'create' ? NLM_F_EXCL : 0);
  const table = command.table!;
  switch (command.target) {
    case 'table': {
      const decl = command.block!.table;
      if (changes.ruleset.table(decl.family, decl.name) === undefined) changes.ruleset.tables.push(new TableState(decl));
      return changes.transaction.add({
        schema: wire.tableMessage,
        type: wire.NFT_MSG_NEWTABLE,
        flags,
        family,
        attributes: tableValues(decl),
        loc: command.loc,
        command,
        places: { attributes: new Map([[1, table.loc]]) },
      });
    }
    case 'chain': {
      const chain = command.chain!;
      completeChain(chain, command.family!);
      const state = changes.known(command);
      if (state.chain(chain.name) === undefined) state.chains.push({ chain, rules: [], binding: false });
      changes.transaction.add({
        schema: wire.chainMessage,
        type: wire.NFT_MSG_NEWCHAIN,
        flags,
        family,
        attributes: chainValues(command.family!, table.text, chain),
        loc: command.loc,
        command,
        places: {
          attributes: new Map([
            [1, table.loc],
            [3, command.name?.loc ?? command.loc],
          ]),
        },
      });
      return;
    }
    case 'rule':
      return addRule(changes, command);
    case 'set':
    case 'map':
      return addSet(changes, command, flags);
    case 'element':
      return addElements(changes, command, flags);
    case 'object':
      changes.known(command).objects.push(command.object!);
      completeObject(command.object!, command.name!.loc);
      return changes.transaction.add({
        schema: wire.objectMessage,
        type: wire.NFT_MSG_NEWOBJ,
        flags,
        family,
        attributes: objectValues(table.text, command.object!),
        loc: command.loc,
        command,
        places: {
          attributes: new Map([
            [1, table.loc],
            [2, command.name!.loc],
          ]),
        },
      });
    case 'flowtable': {
      const flowtable = command.flowtable!;
      changes.known(command).flowtables.push(flowtable);
      completeFlowtable(flowtable, command.family!);
      return changes.transaction.add({
        schema: wire.flowtableMessage,
        type: wire.NFT_MSG_NEWFLOWTABLE,
        flags,
        family,
        attributes: flowtableValues(table.text, flowtable),
        loc: command.loc,
        command,
        places: {
          attributes: new Map([
            [1, table.loc],
            [2, command.name!.loc],
          ]),
        },
      });
    }
  }
}

async function addRule(changes: Changes, command: Command): Promise<void> {
  const table = changes.table(command);
  const rule = command.rule!;
  const evaluation = new Evaluation(changes.view(command, table));
  const evaluated: ast.RuleDecl = { ...rule, statements: evaluation.rule(rule.statements) };
  const { values, places: items } = ruleValues(command.table!.text, command.name!.text, evaluated);
  const places: [number, Location][] = [
    [1, command.table!.loc],
    [2, command.name!.loc],
  ];
  let flags = NLM_F_CREATE;
  let attributes: wire.RuleAttributes = values;
  if (command.verb === 'replace') {
    flags = NLM_F_REPLACE;
    attributes = { ...values, ...(command.handle === undefined ? {} : { handle: command.handle.id }) };
    if (command.handle !== undefined) places.push([3, command.handle.loc]);
  } else if (command.verb !== 'insert') flags |= NLM_F_APPEND;
  if (command.position !== undefined && command.verb !== 'replace') {
    attributes = { ...attributes, position: command.position.id };
    places.push([6, command.position.loc]);
  }
  if (command.index !== undefined) {
    await loadRules(changes, table);
    const found = table.chain(command.name!.text)?.rules[command.index.id];
    if (found?.handle === undefined) return fail(`Could not process rule: ${strerror(ENOENT)}`, command.index.loc);
    attributes = { ...attributes, position: found.handle };
    places.push([6, command.index.loc]);
  }
  changes.transaction.add({
    schema: wire.ruleMessage,
    type: wire.NFT_MSG_NEWRULE,
    flags,
    family: familyNumber[command.family!],
    attributes,
    loc: command.loc,
    command,
    places: { attributes: new Map(places), list: { type: 4, items } },
  });
  changes.trace(debugRule(command.family!, command.table!.text, command.name!.text, values));
}

async function loadRules(changes: Changes, table: TableState): Promise<void> {
  if (table.chains.some(({ rules }) => rules.length > 0)) return;
  await changes.kernel.loadRules(table, false);
}

function addSet(changes: Changes, command: Command, flags: number): void {
  const table = changes.known(command);
  const set = command.set!;
  const elements = set.elements;
  const evaluation = new Evaluation(changes.view(command, table));
  completeSet(set, evaluation);
  set.id = changes.nextId();
  // One that is not to change has room for what it is made with.
  if ((set.flags & wire.NFT_SET_CONSTANT) !== 0 && elements !== undefined && set.size === undefined) set.size = elements.elements.length;
  if (table.set(set.name) === undefined) table.sets.push(set);
  changes.sendSet(command, set, flags, command.name!.loc, command.table!.loc);
  if (elements === undefined || elements.elements.length === 0) return;
  set.elements = evaluation.sets.namedElements(set, elements);
  changes.sendElements(command, set, wireElements(set, set.elements, []), NLM_F_CREATE, wire.NFT_MSG_NEWSETELEM);
}
