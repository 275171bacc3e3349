import { ENOENT, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import * as wire from '../../netlink/nfnl/nf-tables.js';
import type * as ast from './ast.js';
import type { Command } from './command.js';
import { describeText } from './describe.js';
import { fail } from './errors.js';
import { Evaluation } from './evaluate/evaluation.js';
import { intervalOf, wireBounds, wireElements } from './linearise/elements.js';
import { familyNumber } from './linearise/messages.js';
import { nowhere } from './location.js';
import type { Names } from './names.js';
import * as make from './parser/make.js';
import { chainHeader, flowtableText, isMap, isMeter, objectText, ruleText, setText, setWord, tableHeader } from './print/ruleset.js';
import { JsonListing } from './json/listing.js';
import type { Kernel } from './ruleset/kernel.js';
import type { ChainState, Ruleset, TableState } from './ruleset/ruleset.js';
import type { SessionOptions } from './session.js';
import { notFound, tableNotFound } from './suggest.js';

/** Commands that show: list, reset, get, describe, monitor. */
export class List {
  readonly #io: CommandIo;
  readonly #kernel: Kernel;
  readonly #ruleset: Ruleset;
  readonly #names: Names;
  readonly #options: SessionOptions;
  readonly #env: CommandEnvironment;
  readonly #json: JsonListing | null;
  #text = '';

  constructor(io: CommandIo, kernel: Kernel, ruleset: Ruleset, names: Names, options: SessionOptions, env: CommandEnvironment) {
    this.#io = io;
    this.#kernel = kernel;
    this.#ruleset = ruleset;
    this.#names = names;
    this.#options = options;
    this.#env = env;
    this.#json = options.json ? new JsonListing(options.style) : null;
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '') await this.#io.stdout.write(text);
  }

  async run(command: Command): Promise<void> {
    if (command.verb === 'monitor') {
      await this.flush();
      const { monitor } = await import('./monitor.js');
      return monitor(this.#io, this.#env, this.#kernel, this.#names, this.#options, command);
    }
    if (command.verb === 'describe') {
      this.#text += describeText(command, this.#names, this.#options.style);
      return;
    }
    // As nft 1.0.6, which has no JSON for it.
    if (command.verb === 'get') return this.#get(command);
    this.#json?.begin();
    if (command.verb === 'reset') await this.#reset(command);
    else await this.#list(command);
    if (this.#json !== null) this.#text += this.#json.end();
  }

  #tables(command: Command): TableState[] {
    if (command.table !== undefined) return [this.#table(command)];
    return this.#ruleset.tables.filter(({ decl }) => command.family === undefined || decl.family === command.family);
  }

  #table(command: Command): TableState {
    const found = this.#ruleset.table(command.family!, command.table!.text);
    if (found !== undefined) return found;
    // Of one table, chain, set, map or flowtable only that is read: nothing else is known that could be meant.
    const alone = command.verb === 'list' && ['table', 'chain', 'set', 'map', 'flowtable'].includes(command.target);
    const wanted = { family: command.family!, table: command.table!.text };
    return fail(alone ? strerror(ENOENT) : tableNotFound(this.#ruleset, wanted), command.table!.loc);
  }

  async #list(command: Command): Promise<void> {
    switch (command.target) {
      case 'ruleset':
      case 'table':
        for (const table of this.#tables(command)) await this.#wholeTable(table);
        return;
      case 'tables':
        for (const { decl } of this.#tables(command)) this.#emit(`table ${decl.family} ${decl.name}\n`, () => this.#json?.table(decl));
        return;
      case 'chain': {
        const table = this.#table(command);
        const chain = table.chain(command.name!.text);
        if (chain === undefined) return fail(strerror(ENOENT), command.name!.loc);
        await this.#kernel.loadRules(table, false);
        return this.#inTable(table, () => this.#chain(table, chain));
      }
      case 'chains':
        for (const table of this.#tables(command)) {
          this.#emit(`table ${table.decl.family} ${table.decl.name} {\n`, () => undefined);
          for (const state of table.chains.filter(({ binding }) => !binding)) {
            this.#emit(`${chainHeader(state.chain, table.decl.family, this.#options.style)}\t}\n`, () =>
              this.#json?.chain(table, state.chain),
            );
          }
          this.#emit('}\n', () => undefined);
        }
        return;
      case 'set':
      case 'map':
      case 'meter': {
        const table = this.#table(command);
        const set = table.set(command.name!.text);
        const fits =
          set !== undefined &&
          (command.target === 'map' ? isMap(set) : command.target === 'meter' ? isMeter(set) : !isMap(set) && !isMeter(set));
        if (!fits) return fail(command.target === 'meter' ? this.#nearSet(command) : strerror(ENOENT), command.name!.loc);
        if (!this.#options.style.terse) await this.#kernel.loadElements(table, set);
        return this.#inTable(table, () => this.#set(table, set));
      }
      case 'sets':
      case 'maps':
      case 'meters': {
        for (const table of this.#tables(command)) {
          const wanted = table.sets.filter((set) =>
            command.target === 'maps'
              ? isMap(set) && !anonymous(set)
              : command.target === 'meters'
                ? isMeter(set)
                : !isMap(set) && !isMeter(set) && !anonymous(set),
          );
          for (const set of wanted) if (!this.#options.style.terse) await this.#kernel.loadElements(table, set);
          this.#inTable(table, () => {
            for (const set of wanted) this.#set(table, set);
          });
        }
        return;
      }
      case 'object': {
        const table = this.#table(command);
        const object = table.objects.find(({ name, type }) => name === command.name!.text && type === command.objectType);
        if (object === undefined)
          return fail(
            notFound(this.#ruleset, 'obj', { family: command.family!, table: command.table!.text, name: command.name!.text }),
            command.name!.loc,
          );
        return this.#inTable(table, () => this.#object(table, object));
      }
      case 'objects':
        for (const table of this.#tables(command)) {
          if (table.objects.length === 0) continue;
          const wanted = table.objects.filter(({ type }) => type === command.objectType);
          this.#inTable(table, () => {
            for (const object of wanted) this.#object(table, object);
          });
        }
        return;
      case 'flowtable': {
        const table = this.#table(command);
        const flowtable = table.flowtables.find(({ name }) => name === command.name!.text);
        if (flowtable === undefined) return fail(strerror(ENOENT), command.name!.loc);
        return this.#inTable(table, () => this.#flowtable(table, flowtable));
      }
      case 'flowtables':
        for (const table of this.#tables(command))
          this.#inTable(table, () => {
            for (const flowtable of table.flowtables) this.#flowtable(table, flowtable);
          });
        return;
      default:
        return;
    }
  }

  #nearSet(command: Command): string {
    return notFound(this.#ruleset, 'set', { family: command.family!, table: command.table!.text, name: command.name!.text });
  }

  #emit(text: string, json: () => void): void {
    if (this.#json === null) this.#text += text;
    else json();
  }

  #inTable(table: TableState, body: () => void): void {
    this.#emit(`table ${table.decl.family} ${table.decl.name} {\n`, () => undefined);
    body();
    this.#emit('}\n', () => undefined);
  }

  #set(table: TableState, set: ast.SetDecl): void {
    this.#emit(setText(set, this.#options.style, setWord(set)), () => this.#json?.set(table, set));
  }
  #object(table: TableState, object: ast.ObjectDecl): void {
    this.#emit(objectText(object, this.#options.style), () => this.#json?.object(table, object));
  }
  #flowtable(table: TableState, flowtable: ast.FlowtableDecl): void {
    this.#emit(flowtableText(flowtable, table.decl.family, this.#options.style), () => this.#json?.flowtable(table, flowtable));
  }

  #chain(table: TableState, { chain, rules }: ChainState): void {
    let text = chainHeader(chain, table.decl.family, this.#options.style);
    for (const rule of rules) text += `\t\t${ruleText(rule, this.#options.style)}\n`;
    this.#emit(`${text}\t}\n`, () => {
      this.#json?.chain(table, chain);
      for (const rule of rules) this.#json?.rule(table, chain, rule);
    });
  }

  async #wholeTable(table: TableState): Promise<void> {
    const { style } = this.#options;
    await this.#kernel.loadRules(table, !style.terse);
    if (this.#json !== null) return this.#json.wholeTable(table);
    this.#text += tableHeader(table.decl, style);
    const parts: (() => void)[] = [
      ...table.objects.map((object) => () => this.#object(table, object)),
      ...table.sets.filter((set) => !anonymous(set)).map((set) => () => this.#set(table, set)),
      ...table.flowtables.map((flowtable) => () => this.#flowtable(table, flowtable)),
      ...table.chains.filter(({ binding }) => !binding).map((chain) => () => this.#chain(table, chain)),
    ];
    parts.forEach((part, index) => {
      if (index > 0) this.#text += '\n';
      part();
    });
    this.#text += '}\n';
  }

  async #reset(command: Command): Promise<void> {
    if (command.table !== undefined) this.#table(command);
    const family = command.family === undefined ? 0 : familyNumber[command.family];
    let found: Awaited<ReturnType<Kernel['resetObjects']>>;
    try {
      found = await this.#kernel.resetObjects(family, command.objectType!, command.table?.text, command.name?.text);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return fail(`Could not process rule: ${strerror(error.errno)}`, command.loc);
    }
    for (const table of this.#ruleset.tables) {
      const mine = found.filter((item) => item.family === table.decl.family && item.table === table.decl.name);
      if (mine.length === 0) continue;
      this.#inTable(table, () => {
        for (const { object } of mine) this.#object(table, object);
      });
    }
  }

  async #get(command: Command): Promise<void> {
    const table = this.#table(command);
    const set = table.set(command.name!.text) ?? fail(this.#nearSet(command), command.name!.loc);
    const evaluation = new Evaluation({
      family: command.family!,
      names: this.#names,
      findSet: (_name, loc) => fail(strerror(ENOENT), loc),
      declareAnonymous: () => undefined,
      declareMeter: () => undefined,
      declareBlock: () => undefined,
    });
    const elements = evaluation.sets.namedElements({ ...set, statements: [] }, command.elements!);
    try {
      set.elements = isIntervals(set)
        ? await this.#getIntervals(table, set, elements)
        : await this.#kernel.getElements(
            table,
            set,
            wireElements(set, elements, [], true).map(({ attributes }) => attributes),
          );
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return fail(`Could not process rule: ${strerror(error.errno)}`, command.loc);
    }
    const { style } = this.#options;
    this.#text += `table ${table.decl.family} ${table.decl.name} {\n${setText(set, style, setWord(set))}}\n`;
  }

  /** Of a key the interval that it lies in, in the order asked; of a range that its ends lie in. nft: get_set_decompose() */
  async #getIntervals(table: TableState, set: ast.SetDecl, asked: ast.SetExpr): Promise<ast.SetExpr> {
    await this.#kernel.loadElements(table, set);
    const known = set.elements!.elements;
    const found: ast.ElementExpr[] = [];
    for (const element of asked.elements) {
      const wanted = wireBounds(set, element);
      const [low, high = behind(low)] = await this.#kernel.getRaw(table, set, wanted);
      const [decoded] = this.#kernel.decode(table, set, [low!, high!]).elements;
      if (decoded === undefined) continue;
      const whole = wanted.length === 1 && !isMap(set) ? known.find((one) => isWider(one, decoded)) : undefined;
      found.push(whole === undefined ? decoded : make.element(nowhere, whole.key));
    }
    return { ...asked, elements: found };
  }
}

const isIntervals = (set: ast.SetDecl): boolean => (set.flags & wire.NFT_SET_INTERVAL) !== 0 && set.keyType.parts === undefined;

/** Does a range or prefix begin with this very key? */
function isWider(one: ast.ElementExpr, at: ast.ElementExpr): boolean {
  if (one.key.kind === 'value' || one.key.kind === 'catchall' || at.key.kind === 'catchall') return false;
  return intervalOf(one).low === intervalOf(at).low;
}

/** The end of an interval of one key, which nobody was asked for; of the last key there is none. */
function behind(low: wire.ElementAttributes | undefined): wire.ElementAttributes | undefined {
  const value = Uint8Array.from(low?.key?.value ?? []);
  for (let i = value.length - 1; i >= 0; i--) {
    value[i]!++;
    if (value[i] !== 0) return { key: { value }, flags: wire.NFT_SET_ELEM_INTERVAL_END };
  }
  return undefined;
}

const anonymous = (set: ast.SetDecl): boolean => (set.flags & wire.NFT_SET_ANONYMOUS) !== 0;
