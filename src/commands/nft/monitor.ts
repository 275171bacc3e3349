import { NLM_F_APPEND, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.js';
import { NFT_OBJECT_CT_EXPECT, NFT_OBJECT_CT_HELPER, NFT_OBJECT_CT_TIMEOUT, NFT_OBJECT_SYNPROXY } from '../../netlink/nfnl/objects.js';
import type { TableDecl } from './ast.js';
import { elementJson } from './json/expression.js';
import { showWith } from './show.js';
import { NFNLGRP_NFTABLES, NFNLGRP_NFTRACE } from '../../netlink/nfnl/nfnetlink.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import * as wire from '../../netlink/nfnl/nf-tables.js';
import { objectMessage } from '../../netlink/nfnl/nf-tables.js';
import type { Command } from './command.js';
import { decodeElements } from './delinearise/elements.js';
import { jsonText, ruleJson, setJson, tableJson, chainJson, objectJson } from './json/listing.js';
import type { JsonValue, OutputStyle } from './datatypes/datatype.js';
import type { Names } from './names.js';
import { printElement } from './print/expression.js';
import { chainHeader, objectText, ruleText, setText, setWord, tableFlagNames } from './print/ruleset.js';
import { decodeChain, decodeObject, decodeSet, decodeTable, familyOf } from './ruleset/decode.js';
import { Kernel } from './ruleset/kernel.js';
import { type Ruleset, TableState } from './ruleset/ruleset.js';
import type { SessionOptions } from './session.js';
import { traceText } from './trace.js';

/** What the kernel tells of changes, one line each: nft monitor, and --echo. */
class Events {
  readonly #kernel: Kernel;
  readonly #options: SessionOptions;
  readonly #names: Names;
  readonly #json: boolean;
  ruleset: Ruleset;

  constructor(kernel: Kernel, names: Names, options: SessionOptions, ruleset: Ruleset, json: boolean) {
    this.#kernel = kernel;
    this.#names = names;
    this.#options = options;
    this.ruleset = ruleset;
    this.#json = json;
  }

  #table(family: number, name: string): TableState {
    const known = this.ruleset.table(familyOf(family), name);
    if (known !== undefined) return known;
    const made = new TableState({ kind: 'table', family: familyOf(family), name });
    this.ruleset.tables.push(made);
    return made;
  }

  /** The kind of thing, the event, and its text; null for what is not shown. */
  async describe(message: NetlinkMessage): Promise<{ kind: string; event: 'new' | 'destroy'; text: string } | null> {
    const { style } = this.#options;
    const handled = (text: string, item: { readonly handle?: number }) =>
      style.handle && item.handle !== undefined ? `${text} # handle ${item.handle}` : text;
    const shown = (kind: string, event: 'new' | 'destroy', text: string, json: () => JsonValue) => {
      const verb = event === 'destroy' ? 'delete' : madeBy(message, kind);
      return { kind, event, text: this.#json ? `${jsonText({ [verb]: json() })}\n` : `${verb} ${text}\n` };
    };
    switch (message.type) {
      case wire.NFT_MSG_NEWTABLE:
      case wire.NFT_MSG_DELTABLE: {
        const { header, attributes } = wire.tableMessage.parse(message);
        const table = decodeTable(header.family, attributes);
        if (message.type === wire.NFT_MSG_NEWTABLE && this.ruleset.table(table.family, table.name) === undefined)
          this.ruleset.tables.push(new TableState(table));
        return shown(
          'tables',
          message.type === wire.NFT_MSG_NEWTABLE ? 'new' : 'destroy',
          handled(`table ${table.family} ${table.name}${flagsOf(table, message.type === wire.NFT_MSG_NEWTABLE)}`, table),
          () => ({ table: tableJson(table) }),
        );
      }
      case wire.NFT_MSG_NEWCHAIN:
      case wire.NFT_MSG_DELCHAIN: {
        const { header, attributes } = wire.chainMessage.parse(message);
        const chain = decodeChain(header.family, attributes);
        const table = this.#table(header.family, attributes.table ?? '');
        if (((attributes.flags ?? 0) & wire.NFT_CHAIN_BINDING) !== 0) return null;
        if (message.type === wire.NFT_MSG_NEWCHAIN && table.chain(chain.name) === undefined)
          table.chains.push({ chain, rules: [], binding: false });
        const where = `chain ${table.decl.family} ${table.decl.name} ${chain.name}`;
        const event = message.type === wire.NFT_MSG_NEWCHAIN ? 'new' : 'destroy';
        const hook =
          chain.hook === undefined || event === 'destroy'
            ? ''
            : ` { ${chainHeader(chain, table.decl.family, { ...style, handle: false })
                .split('\n')[1]!
                .trim()} }`;
        return shown('chains', event, handled(`${where}${hook}`, chain), () => ({ chain: chainJson(table.decl, chain) }));
      }
      case wire.NFT_MSG_NEWSET:
      case wire.NFT_MSG_DELSET: {
        const { header, attributes } = wire.setMessage.parse(message);
        const set = decodeSet(attributes);
        const table = this.#table(header.family, attributes.table ?? '');
        const at = table.sets.findIndex(({ name }) => name === set.name);
        if (message.type === wire.NFT_MSG_NEWSET && at === -1) table.sets.push(set);
        if ((set.flags & wire.NFT_SET_ANONYMOUS) !== 0) return null;
        const word = setWord(set);
        const event = message.type === wire.NFT_MSG_NEWSET ? 'new' : 'destroy';
        const text =
          event === 'new'
            ? `${word} ${table.decl.family} ${table.decl.name} ${set.name} {${numbered(set, style)} ${oneLine(setText(set, style), '; ')}; } `
            : handled(`set ${table.decl.family} ${table.decl.name} ${set.name}`, set);
        return shown('sets', event, text, () => ({
          [word]: setJson(table.decl, set, style),
        }));
      }
      case wire.NFT_MSG_NEWSETELEM:
      case wire.NFT_MSG_DELSETELEM: {
        const { header, attributes } = wire.elementListMessage.parse(message);
        const table = this.#table(header.family, attributes.table ?? '');
        const set = table.set(attributes.set ?? '');
        if (set === undefined) return null;
        const elements = decodeElements(set, attributes.elements ?? [], this.#kernel.delineariser(table));
        if ((set.flags & wire.NFT_SET_ANONYMOUS) !== 0) {
          set.elements = { ...elements, elements: [...(set.elements?.elements ?? []), ...elements.elements] };
          return null;
        }
        if (elements.elements.length === 0) return null;
        const list = elements.elements.map((e) => printElement(e, showWith(style))).join(', ');
        const event = message.type === wire.NFT_MSG_NEWSETELEM ? 'new' : 'destroy';
        return shown('elements', event, `element ${table.decl.family} ${table.decl.name} ${set.name} { ${list} }`, () => ({
          element: {
            family: table.decl.family,
            table: table.decl.name,
            name: set.name,
            elem: { set: elements.elements.map((element) => elementJson(element, showWith(style))) },
          },
        }));
      }
      case wire.NFT_MSG_NEWRULE:
      case wire.NFT_MSG_DELRULE: {
        const { header, attributes } = wire.ruleMessage.parse(message);
        const table = this.#table(header.family, attributes.table ?? '');
        await this.#fillAnonymous(table);
        const rule = this.#kernel.decodeRule(table, attributes);
        const where = `rule ${table.decl.family} ${table.decl.name} ${attributes.chain ?? ''}`;
        if (message.type === wire.NFT_MSG_DELRULE)
          return shown('rules', 'destroy', `${where} handle ${rule.handle}`, () => ({
            rule: ruleJson(table.decl, attributes.chain ?? '', rule, style),
          }));
        return shown('rules', 'new', `${where} ${ruleText(rule, style)}`, () => ({
          rule: ruleJson(table.decl, attributes.chain ?? '', rule, style),
        }));
      }
      case wire.NFT_MSG_NEWOBJ:
      case wire.NFT_MSG_DELOBJ: {
        const { header, attributes } = objectMessage.parse(message);
        const object = decodeObject(attributes);
        const table = this.#table(header.family, attributes.table ?? '');
        const text = objectText(object, style);
        const kind = text.trim().split(' {')[0]!.split(' ').slice(0, -1).join(' ');
        const event = message.type === wire.NFT_MSG_NEWOBJ ? 'new' : 'destroy';
        const where = `${kind} ${table.decl.family} ${table.decl.name} ${object.name}`;
        const shownText =
          event === 'new'
            ? `${where} {${numbered(object, style)} ${oneLine(text, separated.has(object.type) ? '; ' : ' ')}${ended.has(object.type) ? ';' : ''} } `
            : handled(where, object);
        return shown('objects', event, shownText, () => ({
          [kind]: objectJson(table.decl, object),
        }));
      }
      case wire.NFT_MSG_NEWGEN: {
        const { attributes } = wire.genMessage.parse(message);
        return this.#json
          ? null
          : {
              kind: 'generation',
              event: 'new',
              text: `# new generation ${attributes.id} by process ${attributes.procPid} (${attributes.procName})\n`,
            };
      }
      case wire.NFT_MSG_TRACE: {
        const { header, attributes } = wire.traceMessage.parse(message);
        // What is not the ruleset is no event in JSON.
        if (this.#json) return null;
        const table = this.#table(header.family, attributes.table ?? '');
        return { kind: 'trace', event: 'new', text: await traceText(attributes, table, this.#kernel, this.#names, style) };
      }
      default:
        return null;
    }
  }

  async #fillAnonymous(table: TableState): Promise<void> {
    for (const set of table.sets)
      if ((set.flags & wire.NFT_SET_ANONYMOUS) !== 0 && set.elements === undefined) await this.#kernel.loadElements(table, set);
  }
}

/** How something came to be: "add", "create" where it must not be there before, "insert" of a rule before others. */
function madeBy(message: NetlinkMessage, kind: string): string {
  if (kind === 'rules') return (message.flags & (NLM_F_APPEND | NLM_F_REPLACE)) === 0 ? 'insert' : 'add';
  return (message.flags & NLM_F_EXCL) === 0 ? 'add' : 'create';
}

const flagsOf = (table: TableDecl, made: boolean): string => {
  const names = tableFlagNames(table.flags ?? 0);
  return made && names.length > 0 ? ` { flags ${names.join(',')}; }` : '';
};

const numbered = (item: { readonly handle?: number }, style: OutputStyle): string =>
  style.handle && item.handle !== undefined ? ` # handle ${item.handle}` : '';

/** Objects whose lines have semicolons between them, and those with one at the end. */
const separated: ReadonlySet<number> = new Set([NFT_OBJECT_CT_HELPER, NFT_OBJECT_CT_TIMEOUT, NFT_OBJECT_CT_EXPECT]);
const ended: ReadonlySet<number> = new Set([...separated, NFT_OBJECT_SYNPROXY]);

/** What stands between the braces of a listing. */
const oneLine = (text: string, separator: string): string =>
  text
    .split('\n')
    .slice(1, -2)
    .map((line) => line.trim())
    .join(separator);

export async function printEvents(
  io: CommandIo,
  kernel: Kernel,
  names: Names,
  options: SessionOptions,
  messages: readonly NetlinkMessage[],
): Promise<void> {
  const events = new Events(kernel, names, options, await kernel.load(), options.json);
  const texts: string[] = [];
  for (const message of messages) {
    const event = await events.describe(message);
    if (event !== null) texts.push(event.text);
  }
  if (texts.length === 0) return;
  // In JSON the events are one document.
  const whole = options.json ? `{"nftables": [${texts.map((text) => text.trimEnd()).join(', ')}]}\n` : texts.join('');
  await io.stdout.write(whole);
}

/** Until it is interrupted. */
export async function monitor(
  io: CommandIo,
  env: CommandEnvironment,
  kernel: Kernel,
  names: Names,
  options: SessionOptions,
  command: Command,
): Promise<void> {
  const { what, event, format } = command.monitor!;
  const listener = await Kernel.open(await env.transport(), io.signal);
  try {
    const groups = what === 'trace' ? [NFNLGRP_NFTRACE] : what === '' ? [NFNLGRP_NFTABLES, NFNLGRP_NFTRACE] : [NFNLGRP_NFTABLES];
    await listener.client.subscribe(groups);
    const events = new Events(kernel, names, options, await kernel.load(), format === 'json' || options.json);
    for await (const message of listener.client.notifications(io.signal)) {
      const found = await events.describe(message);
      if (found === null) continue;
      if (event !== '' && found.event !== event) continue;
      if (what !== '' && what !== 'ruleset' && found.kind !== what && found.kind !== 'generation') continue;
      if (found.kind === 'generation' && what !== '' && what !== 'ruleset') continue;
      await io.stdout.write(found.text);
    }
  } finally {
    listener.close();
  }
}
