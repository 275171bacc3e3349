import { ENOENT, strerror } from '../../base/errno.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import * as wire from '../../netlink/nfnl/nf-tables.js';
import type * as ast from './ast.js';
import type { Command, TableBlock } from './command.js';
import type { OutputStyle } from './datatypes/datatype.js';
import { type Complaint, fail, NftError } from './errors.js';
import { isMap } from './print/ruleset.js';
import { Evaluation, type RulesetView } from './evaluate/evaluation.js';
import { completeChain, completeFlowtable, completeObject, completeSet } from './evaluate/declarations.js';
import { debugElements, debugRule, debugSet } from './debug.js';
import { List } from './list.js';
import { countedElements, intervalsOf, wireElements, type WireElement } from './linearise/elements.js';
import { chainValues, familyNumber, flowtableValues, objectValues, ruleValues, setValues, tableValues } from './linearise/messages.js';
import { complaintText, type Location } from './location.js';
import type { Names } from './names.js';
import type { Kernel } from './ruleset/kernel.js';
import { type Ruleset, TableState } from './ruleset/ruleset.js';
import { notFound, refusedName, tableNotFound } from './suggest.js';
import { type Refusal, Transaction } from './transaction.js';

export interface SessionOptions {
  readonly check: boolean;
  readonly echo: boolean;
  readonly json: boolean;
  readonly debug: ReadonlySet<string>;
  readonly style: OutputStyle;
}

const MOST_ERRORS = 10;
/** Of a message: bytes of elements, which are one attribute of a length of 16 bits. */
const MOST_ELEMENTS = 200;

/** Carries out commands: evaluates them, sends what changes something, prints what was asked. */
export class Session {
  readonly #io: CommandIo;
  readonly #env: CommandEnvironment;
  readonly #kernel: Kernel;
  readonly #names: Names;
  readonly #options: SessionOptions;
  #ruleset!: Ruleset;
  #transaction!: Transaction;
  #nextId = 1;
  #debug = '';

  constructor(io: CommandIo, env: CommandEnvironment, kernel: Kernel, names: Names, options: SessionOptions) {
    this.#io = io;
    this.#env = env;
    this.#kernel = kernel;
    this.#names = names;
    this.#options = options;
  }

  /** True when all went well. Errors are printed. */
  async run(commands: readonly Command[], parseErrors: readonly NftError[]): Promise<boolean> {
    const errors: NftError[] = [];
    this.#ruleset = await this.#kernel.load();
    this.#transaction = new Transaction(this.#options.echo);
    const actions: Command[] = [];
    for (const command of commands.flatMap(expand)) {
      try {
        if (['list', 'reset', 'get', 'describe', 'monitor'].includes(command.verb)) actions.push(command);
        else await this.#evaluate(command);
      } catch (error) {
        if (!(error instanceof NftError)) throw error;
        errors.push(error);
        if (errors.length >= MOST_ERRORS) break;
      }
    }
    const wrong = [...parseErrors, ...errors];
    if (wrong.length > 0) {
      await this.#complain(wrong);
      return false;
    }
    // A list knows the tables, chains, sets and objects of all commands beside it, but none of their rules yet: as nft does it.
    const list = new List(this.#io, this.#kernel, this.#ruleset, this.#names, this.#options, this.#env);
    try {
      for (const command of actions) await list.run(command);
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
      await list.flush();
      await this.#complain([error]);
      return false;
    }
    await list.flush();
    const sent = await this.#send();
    if (this.#debug !== '') await this.#io.stdout.write(this.#debug);
    return sent;
  }

  async #complain(errors: readonly NftError[]): Promise<void> {
    await this.#io.stderr.write(
      errors
        .flatMap((error) => [...error.earlier, error.complaint])
        .map((complaint) => complaintText(complaint))
        .join(''),
    );
  }

  async #send(): Promise<boolean> {
    if (this.#transaction.empty) return true;
    const echoed: NetlinkMessage[] = [];
    const refusals = await this.#transaction.commit(this.#kernel.client, this.#options.check, (message) => echoed.push(message));
    if (refusals.length === 0) {
      if (this.#options.echo && echoed.length > 0) {
        const { printEvents } = await import('./monitor.js');
        await printEvents(this.#io, this.#kernel, this.#names, this.#options, echoed);
      }
      return true;
    }
    let text = '';
    for (const refusal of refusals) text += complaintText(this.#refusalText(refusal));
    await this.#io.stderr.write(text);
    return false;
  }

  #refusalText({ error, at, exact, command }: Refusal): Complaint {
    const plain = { text: `Could not process rule: ${strerror(error.errno)}`, at };
    if (error.errno !== ENOENT || !exact || command?.table === undefined || command.verb === 'flush') return plain;
    if (at === command.position?.loc || at === command.index?.loc) return plain;
    // Of a set made here it is an element that names what is not there.
    if (command.set !== undefined && at !== command.table.loc && at !== command.name?.loc) return plain;
    const wanted = { family: command.family!, table: command.table.text, name: command.name?.text };
    const found = refusedName(this.#ruleset, command.target, wanted);
    return found === undefined ? plain : { text: found.text, at: found.ofTable ? command.table.loc : at };
  }

  // Evaluation of single commands.

  async #evaluate(command: Command): Promise<void> {
    switch (command.verb) {
      case 'add':
      case 'create':
      case 'insert':
      case 'replace':
        return this.#add(command);
      case 'delete':
        return this.#delete(command);
      case 'flush':
        return this.#flush(command);
      case 'rename':
        return this.#rename(command);
      default:
        return fail('internal: command cannot be evaluated', command.loc);
    }
  }

  #table(command: Command): TableState {
    const found = this.#ruleset.table(command.family!, command.table!.text);
    if (found !== undefined) return found;
    // The kernel knows better; but for what is looked up here.
    const state = new TableState({ kind: 'table', family: command.family!, name: command.table!.text });
    return state;
  }

  #known(command: Command): TableState {
    const { table } = command;
    return (
      this.#ruleset.table(command.family!, table!.text) ??
      fail(tableNotFound(this.#ruleset, { family: command.family!, table: table!.text }), table!.loc)
    );
  }

  async #add(command: Command): Promise<void> {
    const family = familyNumber[command.family!];
    const flags = NLM_F_CREATE | (command.verb === 'create' ? NLM_F_EXCL : 0);
    const table = command.table!;
    switch (command.target) {
      case 'table': {
        const decl = command.block!.table;
        if (this.#ruleset.table(decl.family, decl.name) === undefined) this.#ruleset.tables.push(new TableState(decl));
        return this.#transaction.add({
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
        const state = this.#known(command);
        if (state.chain(chain.name) === undefined) state.chains.push({ chain, rules: [], binding: false });
        this.#transaction.add({
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
        return this.#addRule(command);
      case 'set':
      case 'map':
        return this.#addSet(command, flags);
      case 'element':
        return this.#addElements(command, flags);
      case 'object':
        this.#known(command).objects.push(command.object!);
        completeObject(command.object!, command.name!.loc);
        return this.#transaction.add({
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
        this.#known(command).flowtables.push(flowtable);
        completeFlowtable(flowtable, command.family!);
        return this.#transaction.add({
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

  #view(command: Command, table: TableState): RulesetView {
    return {
      family: command.family!,
      names: this.#names,
      findSet: (name, loc) => {
        const set = table.set(name);
        if (set === undefined) return fail(strerror(ENOENT), loc);
        return set;
      },
      declareAnonymous: (set) => {
        set.id = this.#nextId++;
        this.#sendSet(command, set);
      },
      declareMeter: (set) => {
        const there = table.set(set.name);
        set.id = there?.id ?? this.#nextId++;
        if (there === undefined) {
          set.flags |= wire.NFT_SET_ANONYMOUS;
          table.sets.push(set);
          this.#sendSet(command, { ...set, statements: [] });
          this.#trace(debugElements(command.table!.text, set, []));
        }
      },
      declareBlock: (block) => {
        const id = this.#nextId++;
        block.chainId = id;
        this.#transaction.add({
          schema: wire.chainMessage,
          type: wire.NFT_MSG_NEWCHAIN,
          flags: NLM_F_CREATE,
          family: familyNumber[command.family!],
          attributes: { table: command.table!.text, id, flags: wire.NFT_CHAIN_BINDING },
          loc: command.loc,
        });
        for (const rule of block.rules) {
          const evaluated = { ...rule, statements: new Evaluation(this.#view(command, table)).rule(rule.statements) };
          const { values, places } = ruleValues(command.table!.text, '', evaluated);
          const { chain: _none, ...attributes } = values;
          this.#transaction.add({
            schema: wire.ruleMessage,
            type: wire.NFT_MSG_NEWRULE,
            flags: NLM_F_CREATE | NLM_F_APPEND,
            family: familyNumber[command.family!],
            attributes: { ...attributes, chainId: id },
            loc: command.loc,
            command,
            places: { list: { type: 4, items: places } },
          });
          this.#trace(debugRule(command.family!, command.table!.text, '', values));
        }
      },
    };
  }

  #trace(text: string): void {
    if (this.#options.debug.has('netlink') || this.#options.debug.has('all')) this.#debug += text;
  }

  async #addRule(command: Command): Promise<void> {
    const table = this.#table(command);
    const rule = command.rule!;
    const evaluation = new Evaluation(this.#view(command, table));
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
      await this.#loadRules(table);
      const found = table.chain(command.name!.text)?.rules[command.index.id];
      if (found?.handle === undefined) return fail(`Could not process rule: ${strerror(ENOENT)}`, command.index.loc);
      attributes = { ...attributes, position: found.handle };
      places.push([6, command.index.loc]);
    }
    this.#transaction.add({
      schema: wire.ruleMessage,
      type: wire.NFT_MSG_NEWRULE,
      flags,
      family: familyNumber[command.family!],
      attributes,
      loc: command.loc,
      command,
      places: { attributes: new Map(places), list: { type: 4, items } },
    });
    this.#trace(debugRule(command.family!, command.table!.text, command.name!.text, values));
  }

  async #loadRules(table: TableState): Promise<void> {
    if (table.chains.some(({ rules }) => rules.length > 0)) return;
    await this.#kernel.loadRules(table, false);
  }

  #addSet(command: Command, flags: number): void {
    const table = this.#known(command);
    const set = command.set!;
    const elements = set.elements;
    const evaluation = new Evaluation(this.#view(command, table));
    completeSet(set, evaluation);
    set.id = this.#nextId++;
    // One that is not to change has room for what it is made with.
    if ((set.flags & wire.NFT_SET_CONSTANT) !== 0 && elements !== undefined && set.size === undefined) set.size = elements.elements.length;
    if (table.set(set.name) === undefined) table.sets.push(set);
    this.#sendSet(command, set, flags, command.name!.loc, command.table!.loc);
    if (elements === undefined || elements.elements.length === 0) return;
    set.elements = evaluateElements(set, elements, evaluation);
    this.#sendElements(command, set, wireElements(set, set.elements, []), NLM_F_CREATE, wire.NFT_MSG_NEWSETELEM);
  }

  #sendSet(command: Command, set: ast.SetDecl, flags = NLM_F_CREATE, nameLoc = set.loc, tableLoc = command.table!.loc): void {
    const anonymous = (set.flags & wire.NFT_SET_ANONYMOUS) !== 0 && set.elements !== undefined;
    const elements = anonymous ? wireElements(set, set.elements!, []) : [];
    const counted = anonymous ? countedElements(set, elements) : 0;
    this.#transaction.add({
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
    this.#trace(debugSet(command.table!.text, set, anonymous ? counted : undefined));
    if (anonymous) this.#sendElements(command, set, elements, NLM_F_CREATE, wire.NFT_MSG_NEWSETELEM);
  }

  #sendElements(command: Command, set: ast.SetDecl, elements: readonly WireElement[], flags: number, type: number): void {
    for (let at = 0; at < elements.length; at += MOST_ELEMENTS) {
      const some = elements.slice(at, at + MOST_ELEMENTS);
      this.#transaction.add({
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
    this.#trace(debugElements(command.table!.text, set, elements));
  }

  async #addElements(command: Command, flags: number): Promise<void> {
    const table = this.#known(command);
    const set = table.set(command.name!.text) ?? this.#noSet(command);
    const evaluation = new Evaluation(this.#view(command, table));
    const elements = evaluateElements(set, command.elements!, evaluation);
    const interval = (set.flags & wire.NFT_SET_INTERVAL) !== 0 && set.keyType.parts === undefined;
    if (!interval) return this.#sendElements(command, set, wireElements(set, elements, []), flags, wire.NFT_MSG_NEWSETELEM);
    if (set.elements === undefined) await this.#kernel.loadElements(table, set);
    const there = intervalsOf(set, set.elements!);
    const fresh = intervalsOf(set, elements);
    if (set.autoMerge === true) return this.#mergeElements(command, set, there, fresh, elements, flags);
    for (const interval of fresh) {
      const clash = there.find(
        (other) =>
          other.low <= interval.high && interval.low <= other.high && !(other.low === interval.low && other.high === interval.high),
      );
      if (clash !== undefined) return fail('interval overlaps with an existing one', interval.element.loc);
    }
    this.#sendElements(command, set, wireElements(set, elements, there), flags, wire.NFT_MSG_NEWSETELEM);
    set.elements = { ...elements, elements: [...set.elements!.elements, ...elements.elements] };
  }

  /** Of auto-merge: intervals that new ones touch go, and come again joined. */
  #mergeElements(
    command: Command,
    set: ast.SetDecl,
    there: readonly { low: bigint; high: bigint; element: ast.ElementExpr }[],
    fresh: readonly { low: bigint; high: bigint; element: ast.ElementExpr }[],
    elements: ast.SetExpr,
    flags: number,
  ): void {
    const touched = there.filter((old) => fresh.some((one) => one.low <= old.high + 1n && old.low <= one.high + 1n));
    const covered = touched.filter((old) => !fresh.some((one) => one.low === old.low && one.high === old.high && touched.length === 1));
    const literal = (items: readonly { element: ast.ElementExpr }[]): ast.SetExpr => ({
      ...command.elements!,
      elements: items.map(({ element }) => element),
    });
    const kept = there.filter((old) => !touched.includes(old));
    if (covered.length > 0)
      this.#sendElements(
        command,
        set,
        wireElements({ ...set, autoMerge: false }, literal(covered), there, true),
        0,
        wire.NFT_MSG_DELSETELEM,
      );
    const all = { ...elements, elements: [...touched.map(({ element }) => element), ...elements.elements] };
    this.#sendElements(command, set, wireElements(set, all, kept), flags, wire.NFT_MSG_NEWSETELEM);
    set.elements = { ...all, elements: [...kept.map(({ element }) => element), ...all.elements] };
  }

  async #delete(command: Command): Promise<void> {
    const family = familyNumber[command.family!];
    const at = (...places: (readonly [number, Location | undefined])[]) =>
      new Map(places.filter(([, loc]) => loc !== undefined) as [number, Location][]);
    const common = { flags: 0, family, loc: command.loc, command };
    const table = command.table;
    switch (command.target) {
      case 'table':
        this.#ruleset.tables = this.#ruleset.tables.filter(({ decl }) => decl.family !== command.family || decl.name !== table?.text);
        return this.#transaction.add({
          ...common,
          schema: wire.tableMessage,
          type: wire.NFT_MSG_DELTABLE,
          attributes: command.handle === undefined ? { name: table!.text } : { handle: command.handle.id },
          places: { attributes: at([1, table?.loc], [4, command.handle?.loc]) },
        });
      case 'chain':
        return this.#transaction.add({
          ...common,
          schema: wire.chainMessage,
          type: wire.NFT_MSG_DELCHAIN,
          attributes: {
            table: table!.text,
            ...(command.handle === undefined ? { name: command.name!.text } : { handle: command.handle.id }),
          },
          places: { attributes: at([1, table!.loc], [3, command.name?.loc], [2, command.handle?.loc]) },
        });
      case 'rule':
        return this.#transaction.add({
          ...common,
          schema: wire.ruleMessage,
          type: wire.NFT_MSG_DELRULE,
          attributes: { table: table!.text, chain: command.name!.text, handle: command.handle!.id },
          places: { attributes: at([1, table!.loc], [2, command.name!.loc], [3, command.handle!.loc]) },
        });
      case 'set':
      case 'map':
        return this.#transaction.add({
          ...common,
          schema: wire.setMessage,
          type: wire.NFT_MSG_DELSET,
          attributes: {
            table: table!.text,
            ...(command.handle === undefined ? { name: command.name!.text } : { handle: command.handle.id }),
          },
          places: { attributes: at([1, table!.loc], [2, command.name?.loc], [16, command.handle?.loc]) },
        });
      case 'object':
        return this.#transaction.add({
          ...common,
          schema: wire.objectMessage,
          type: wire.NFT_MSG_DELOBJ,
          attributes: {
            table: table!.text,
            type: command.objectType!,
            ...(command.handle === undefined ? { name: command.name!.text } : { handle: command.handle.id }),
          },
          places: { attributes: at([1, table!.loc], [2, command.name?.loc], [6, command.handle?.loc]) },
        });
      case 'flowtable':
        return this.#transaction.add({
          ...common,
          schema: wire.flowtableMessage,
          type: wire.NFT_MSG_DELFLOWTABLE,
          attributes: {
            table: table!.text,
            ...(command.handle === undefined ? { name: command.name!.text } : { handle: command.handle.id }),
          },
          places: { attributes: at([1, table!.loc], [2, command.name?.loc], [5, command.handle?.loc]) },
        });
      case 'element': {
        const state = this.#known(command);
        const set = state.set(command.name!.text) ?? this.#noSet(command);
        const elements = evaluateElements(set, command.elements!, new Evaluation(this.#view(command, state)));
        await this.#takeIntervals(state, set, elements);
        return this.#sendElements(command, set, wireElements({ ...set, autoMerge: false }, elements, [], true), 0, wire.NFT_MSG_DELSETELEM);
      }
    }
  }

  /** Of intervals only whole ones can be taken away. */
  async #takeIntervals(table: TableState, set: ast.SetDecl, elements: ast.SetExpr): Promise<void> {
    if ((set.flags & wire.NFT_SET_INTERVAL) === 0 || set.keyType.parts !== undefined) return;
    if (set.elements === undefined) await this.#kernel.loadElements(table, set);
    const there = new Map(intervalsOf(set, set.elements!).map((interval) => [`${interval.low}-${interval.high}`, interval.element]));
    const gone = new Set<ast.ElementExpr>();
    for (const { low, high, element } of intervalsOf(set, elements))
      gone.add(there.get(`${low}-${high}`) ?? fail('element does not exist', element.loc));
    set.elements = { ...set.elements!, elements: set.elements!.elements.filter((element) => !gone.has(element)) };
  }

  #noSet(command: Command): never {
    const wanted = { family: command.family!, table: command.table!.text, name: command.name!.text };
    return fail(notFound(this.#ruleset, 'set', wanted), command.name!.loc);
  }

  #flush(command: Command): void {
    const common = { flags: 0, loc: command.loc, command };
    if (command.target === 'ruleset') {
      this.#ruleset.tables = this.#ruleset.tables.filter(({ decl }) => command.family !== undefined && decl.family !== command.family);
      return this.#transaction.add({
        ...common,
        schema: wire.tableMessage,
        type: wire.NFT_MSG_DELTABLE,
        family: command.family === undefined ? 0 : familyNumber[command.family],
        attributes: {},
      });
    }
    const family = familyNumber[command.family!];
    const table = command.table!;
    if (command.target === 'table' || command.target === 'chain')
      return this.#transaction.add({
        ...common,
        schema: wire.ruleMessage,
        type: wire.NFT_MSG_DELRULE,
        family,
        attributes: { table: table.text, ...(command.target === 'chain' ? { chain: command.name!.text } : {}) },
        places: {
          attributes: new Map([
            [1, table.loc],
            [2, command.name?.loc ?? command.loc],
          ]),
        },
      });
    const known = this.#known(command);
    const set = known.set(command.name!.text) ?? this.#noSet(command);
    if (isMap(set) !== (command.target === 'map')) return fail(strerror(ENOENT), command.name!.loc);
    delete set.elements;
    this.#transaction.add({
      ...common,
      schema: wire.elementListMessage,
      type: wire.NFT_MSG_DELSETELEM,
      family,
      attributes: { table: table.text, set: command.name!.text },
      places: {
        attributes: new Map([
          [1, table.loc],
          [2, command.name!.loc],
        ]),
      },
    });
  }

  #rename(command: Command): void {
    const table = this.#known(command);
    const chain = table.chain(command.name!.text);
    if (chain?.chain.handle === undefined)
      return fail(
        notFound(this.#ruleset, 'chain', { family: command.family!, table: command.table!.text, name: command.name!.text }),
        command.name!.loc,
      );
    this.#transaction.add({
      schema: wire.chainMessage,
      type: wire.NFT_MSG_NEWCHAIN,
      flags: 0,
      family: familyNumber[command.family!],
      attributes: { table: command.table!.text, handle: chain.chain.handle, name: command.newName!.text },
      loc: command.loc,
      command,
      places: {
        attributes: new Map([
          [1, command.table!.loc],
          [3, command.newName!.loc],
        ]),
      },
    });
  }
}

/** Elements of a named set, their keys and data typed by the set. */
function evaluateElements(set: ast.SetDecl, e: ast.SetExpr, evaluation: Evaluation): ast.SetExpr {
  return evaluation.sets.namedElements(set, e);
}

/** A table's block as single commands: the table, its chains, objects, sets, flowtables, and then the rules. */
function expand(command: Command): Command[] {
  if (command.target === 'chain' && command.chain !== undefined) {
    const rules = (command.rules ?? []).map((rule) => ruleCommand(command, command.chain!.name, rule));
    return [command, ...rules];
  }
  if (command.target !== 'table' || command.block === undefined) return [command];
  const block: TableBlock = command.block;
  const of = (rest: Partial<Command> & Pick<Command, 'target'>, name: { name: string; loc: Location }): Command => ({
    verb: command.verb === 'create' ? 'create' : 'add',
    family: command.family!,
    table: command.table!,
    name: { text: name.name, loc: name.loc },
    loc: rest.loc ?? name.loc,
    ...rest,
  });
  return [
    command,
    ...block.chains.map(({ chain, loc }) => of({ target: 'chain', chain, loc }, chain)),
    ...block.objects.map((object) => of({ target: 'object', object }, object)),
    ...block.sets.map((set) => of({ target: 'set', set }, set)),
    ...block.flowtables.map((flowtable) => of({ target: 'flowtable', flowtable }, flowtable)),
    ...block.chains.flatMap(({ chain, rules }) =>
      rules.map((rule) => ruleCommand({ ...command, name: { text: chain.name, loc: chain.loc } }, chain.name, rule)),
    ),
  ];
}

const ruleCommand = (command: Command, chain: string, rule: ast.RuleDecl): Command => ({
  verb: 'add',
  target: 'rule',
  family: command.family!,
  table: command.table!,
  name: { text: chain, loc: command.name?.loc ?? command.loc },
  rule,
  loc: rule.loc,
});
