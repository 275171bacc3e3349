import { ENOENT, strerror } from '../../../base/errno.js';
import { NLM_F_APPEND, NLM_F_CREATE } from '../../../netlink/constants.js';
import * as wire from '../../../netlink/nfnl/nf-tables.js';
import type * as ast from '../ast.js';
import type { Command } from '../command.js';
import { debugElements, debugRule, debugSet } from '../debug.js';
import { fail } from '../errors.js';
import { Evaluation, type RulesetView } from '../evaluate/evaluation.js';
import { countedElements, wireElements, type WireElement } from '../linearise/elements.js';
import { familyNumber, ruleValues, setValues } from '../linearise/messages.js';
import type { Names } from '../names.js';
import type { Kernel } from '../ruleset/kernel.js';
import { type Ruleset, TableState } from '../ruleset/ruleset.js';
import { notFound, tableNotFound } from '../suggest.js';
import { Transaction } from '../transaction.js';

/** Of a message: bytes of elements, which are one attribute of a length of 16 bits. */
const MOST_ELEMENTS = 200;

/** What commands change: the ruleset as they leave it, and the messages that tell the kernel so. */
export class Changes {
  readonly ruleset: Ruleset;
  readonly transaction: Transaction;
  readonly kernel: Kernel;
  readonly names: Names;
  readonly #traced: boolean;
  #nextId = 1;
  #debug = '';

  /** `traced`: with --debug=netlink, each message's bytecode is kept as text. */
  constructor(ruleset: Ruleset, kernel: Kernel, names: Names, options: { readonly echo: boolean; readonly traced: boolean }) {
    this.ruleset = ruleset;
    this.kernel = kernel;
    this.names = names;
    this.transaction = new Transaction(options.echo);
    this.#traced = options.traced;
  }

  /** What --debug=netlink shows. */
  get debug(): string {
    return this.#debug;
  }

  /** A number by which a set or chain of this transaction is named in it. */
  nextId(): number {
    return this.#nextId++;
  }

  table(command: Command): TableState {
    const found = this.ruleset.table(command.family!, command.table!.text);
    if (found !== undefined) return found;
    // The kernel knows better; but for what is looked up here.
    const state = new TableState({ kind: 'table', family: command.family!, name: command.table!.text });
    return state;
  }

  known(command: Command): TableState {
    const { table } = command;
    return (
      this.ruleset.table(command.family!, table!.text) ??
      fail(tableNotFound(this.ruleset, { family: command.family!, table: table!.text }), table!.loc)
    );
  }

  noSet(command: Command): never {
    const wanted = { family: command.family!, table: command.table!.text, name: command.name!.text };
    return fail(notFound(this.ruleset, 'set', wanted), command.name!.loc);
  }

  view(command: Command, table: TableState): RulesetView {
    return {
      family: command.family!,
      names: this.names,
      findSet: (name, loc) => {
        const set = table.set(name);
        if (set === undefined) return fail(strerror(ENOENT), loc);
        return set;
      },
      declareAnonymous: (set) => {
        set.id = this.nextId();
        this.sendSet(command, set);
      },
      declareMeter: (set) => {
        const there = table.set(set.name);
        set.id = there?.id ?? this.nextId();
        if (there === undefined) {
          set.flags |= wire.NFT_SET_ANONYMOUS;
          table.sets.push(set);
          this.sendSet(command, { ...set, statements: [] });
          this.trace(debugElements(command.table!.text, set, []));
        }
      },
      declareBlock: (block) => {
        const id = this.nextId();
        block.chainId = id;
        this.transaction.add({
          schema: wire.chainMessage,
          type: wire.NFT_MSG_NEWCHAIN,
          flags: NLM_F_CREATE,
          family: familyNumber[command.family!],
          attributes: { table: command.table!.text, id, flags: wire.NFT_CHAIN_BINDING },
          loc: command.loc,
        });
        for (const rule of block.rules) {
          const evaluated = { ...rule, statements: new Evaluation(this.view(command, table)).rule(rule.statements) };
          const { values, places } = ruleValues(command.table!.text, '', evaluated);
          const { chain: _none, ...attributes } = values;
          this.transaction.add({
            schema: wire.ruleMessage,
            type: wire.NFT_MSG_NEWRULE,
            flags: NLM_F_CREATE | NLM_F_APPEND,
            family: familyNumber[command.family!],
            attributes: { ...attributes, chainId: id },
            loc: command.loc,
            command,
            places: { list: { type: 4, items: places } },
          });
          this.trace(debugRule(command.family!, command.table!.text, '', values));
        }
      },
    };
  }

  trace(text: string): void {
    if (this.#traced) this.#debug += text;
  }

  sendSet(command: Command, set: ast.SetDecl, flags = NLM_F_CREATE, nameLoc = set.loc, tableLoc = command.table!.loc): void {
    const anonymous = (set.flags & wire.NFT_SET_ANONYMOUS) !== 0 && set.elements !== undefined;
    const elements = anonymous ? wireElements(set, set.elements!, []) : [];
    const counted = anonymous ? countedElements(set, elements) : 0;
    this.transaction.add({
      schema: wire.setMessage,
      type: wire.NFT_MSG_NEWSET,
      flags,
      family: familyNumber[command.family!],
      attributes: setValues(command.table!.text, set, counted),
      loc: anonymous ? set.loc : command.loc,
      places: {
        attributes: new Map([
          [1, tableLoc],
          [2, nameLoc],
        ]),
      },
    });
    this.trace(debugSet(command.table!.text, set, anonymous ? counted : undefined));
    if (anonymous) this.sendElements(command, set, elements, NLM_F_CREATE, wire.NFT_MSG_NEWSETELEM);
  }

  sendElements(command: Command, set: ast.SetDecl, elements: readonly WireElement[], flags: number, type: number): void {
    for (let at = 0; at < elements.length; at += MOST_ELEMENTS) {
      const some = elements.slice(at, at + MOST_ELEMENTS);
      this.transaction.add({
        schema: wire.elementListMessage,
        type,
        flags,
        family: familyNumber[command.family!],
        attributes: {
          table: command.table!.text,
          set: set.name,
          ...(set.id === undefined ? {} : { setId: set.id }),
          elements: some.map(({ attributes }) => attributes),
        },
        loc: command.loc,
        command,
        places: {
          attributes: new Map([
            [1, command.table!.loc],
            [2, command.name?.loc ?? command.loc],
          ]),
          list: { type: 3, items: some.map(({ loc }) => loc) },
        },
      });
    }
    this.trace(debugElements(command.table!.text, set, elements));
  }
}
