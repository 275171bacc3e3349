import { ENOENT } from '../../../base/errno.js';
import { DumpError, NetlinkClient } from '../../../client/netlink-client.js';
import type { Transport } from '../../../client/transport.js';
import type { AttributeShape, StructCodec, ValuesOf } from '../../../netlink/attributes.js';
import { NETLINK_NETFILTER } from '../../../netlink/constants.js';
import * as wire from '../../../netlink/nfnl/nf-tables.js';
import type { nfgenmsg } from '../../../netlink/nfnl/nfnetlink.js';
import type { MessageSchema } from '../../../netlink/schema.js';
import type * as ast from '../ast.js';
import { decodeElements } from '../delinearise/elements.js';
import { Delineariser } from '../delinearise/delineariser.js';
import { familyNumber } from '../linearise/messages.js';
import { nowhere } from '../location.js';
import { parseUserData, userText } from '../userdata.js';
import { decodeChain, decodeFlowtable, decodeObject, decodeSet, decodeTable, familyOf } from './decode.js';
import { Ruleset, TableState } from './ruleset.js';

type Header = typeof nfgenmsg extends StructCodec<infer F> ? F : never;

/** Reads the ruleset of a kernel. */
export class Kernel {
  readonly client: NetlinkClient;

  private constructor(client: NetlinkClient) {
    this.client = client;
  }

  static async open(transport: Transport, signal: AbortSignal): Promise<Kernel> {
    return new Kernel(await NetlinkClient.open(transport, { protocol: NETLINK_NETFILTER, strict: false, signal, receiveBuffer: 1 << 22 }));
  }

  close(): void {
    this.client.close();
  }

  async *#dump<S extends AttributeShape>(
    schema: MessageSchema<Header, S>,
    type: number,
    family: number,
    attributes: ValuesOf<S>,
  ): AsyncGenerator<{ family: number; attributes: ValuesOf<S> }> {
    try {
      for await (const message of this.client.dump(schema, { type, header: { family } as never, attributes })) {
        const parsed = schema.parse(message);
        yield { family: (parsed.header as { family: number }).family, attributes: parsed.attributes };
      }
    } catch (error) {
      // What vanished between two dumps has nothing in it.
      if (error instanceof DumpError && error.errno === ENOENT) return;
      throw error;
    }
  }

  /** Tables, chains, sets, objects and flowtables; rules and elements come by themselves. */
  async load(): Promise<Ruleset> {
    const ruleset = new Ruleset();
    for await (const { family, attributes } of this.#dump(wire.tableMessage, wire.NFT_MSG_GETTABLE, 0, {})) {
      if (familyNumber[familyOf(family)] === family) ruleset.tables.push(new TableState(decodeTable(family, attributes)));
    }
    if (ruleset.tables.length === 0) return ruleset;
    const at = (family: number, name: string | undefined) => ruleset.table(familyOf(family), name ?? '');
    for await (const { family, attributes } of this.#dump(wire.chainMessage, wire.NFT_MSG_GETCHAIN, 0, {})) {
      const binding = ((attributes.flags ?? 0) & wire.NFT_CHAIN_BINDING) !== 0;
      at(family, attributes.table)?.chains.push({ chain: decodeChain(family, attributes), rules: [], binding });
    }
    for await (const { family, attributes } of this.#dump(wire.setMessage, wire.NFT_MSG_GETSET, 0, {})) {
      const table = at(family, attributes.table);
      if (table === undefined) continue;
      const set = decodeSet(attributes);
      table.sets.push(set);
      const inner = attributes.expressions ?? (attributes.expr === undefined ? [] : [attributes.expr]);
      if (inner.length === 0) continue;
      const d = this.delineariser(table);
      set.statements = inner.map((expression) => d.statement(expression)).filter((s) => s !== undefined);
    }
    for await (const { family, attributes } of this.#dump(wire.objectMessage, wire.NFT_MSG_GETOBJ, 0, {}))
      at(family, attributes.table)?.objects.push(decodeObject(attributes));
    for await (const { family, attributes } of this.#dump(wire.flowtableMessage, wire.NFT_MSG_GETFLOWTABLE, 0, {}))
      at(family, attributes.table)?.flowtables.push(decodeFlowtable(attributes));
    return ruleset;
  }

  delineariser(table: TableState): Delineariser {
    return new Delineariser({
      family: table.decl.family,
      findSet: (name) => table.set(name),
      findBlock: (name) => {
        const found = table.chain(name);
        return found?.binding === true ? { rules: found.rules } : undefined;
      },
    });
  }

  /** The elements of a set, in the order of the language. */
  async loadElements(table: TableState, set: ast.SetDecl): Promise<void> {
    // Not in the kernel yet: there is what the commands say of it.
    if (set.handle === undefined) {
      set.elements ??= decodeElements(set, [], this.delineariser(table));
      return;
    }
    const family = familyNumber[table.decl.family];
    const elements: wire.ElementAttributes[] = [];
    const request = { table: table.decl.name, set: set.name };
    for await (const { attributes } of this.#dump(wire.elementListMessage, wire.NFT_MSG_GETSETELEM, family, request))
      elements.push(...(attributes.elements ?? []));
    set.elements = decodeElements(set, elements, this.delineariser(table));
  }

  /** Elements of one request: `get element`. */
  async getElements(table: TableState, set: ast.SetDecl, wanted: readonly wire.ElementAttributes[]): Promise<ast.SetExpr> {
    return this.decode(table, set, await this.getRaw(table, set, wanted));
  }

  decode(table: TableState, set: ast.SetDecl, elements: readonly (wire.ElementAttributes | undefined)[]): ast.SetExpr {
    return decodeElements(
      set,
      elements.filter((one) => one !== undefined),
      this.delineariser(table),
    );
  }

  /** The same as the kernel has them. */
  async getRaw(table: TableState, set: ast.SetDecl, wanted: readonly wire.ElementAttributes[]): Promise<wire.ElementAttributes[]> {
    const found: wire.ElementAttributes[] = [];
    // One question for each: an answer has one element, the ends of intervals too.
    for (const element of wanted) {
      const answer = await this.client.get(wire.elementListMessage, {
        type: wire.NFT_MSG_GETSETELEM,
        header: { family: familyNumber[table.decl.family] },
        attributes: { table: table.decl.name, set: set.name, elements: [element] },
      });
      if (answer !== null) found.push(...(wire.elementListMessage.parse(answer).attributes.elements ?? []));
    }
    return found;
  }

  /** The rules of a table's chains; anonymous sets and blocks in them too. */
  async loadRules(table: TableState, withElements: boolean): Promise<void> {
    if (table.decl.handle === undefined) return;
    const family = familyNumber[table.decl.family];
    for (const set of table.sets) {
      const anonymous = (set.flags & wire.NFT_SET_ANONYMOUS) !== 0;
      if ((anonymous || withElements) && set.elements === undefined) await this.loadElements(table, set);
    }
    const raw: { chain: string; attributes: wire.RuleAttributes }[] = [];
    for await (const { attributes } of this.#dump(wire.ruleMessage, wire.NFT_MSG_GETRULE, family, { table: table.decl.name }))
      raw.push({ chain: attributes.chain ?? '', attributes });
    for (const state of table.chains) state.rules = [];
    // Blocks first: rules that jump into them show them.
    raw.sort((a, b) => Number(table.chain(b.chain)?.binding === true) - Number(table.chain(a.chain)?.binding === true));
    for (const { chain, attributes } of raw) table.chain(chain)?.rules.push(this.decodeRule(table, attributes));
  }

  decodeRule(table: TableState, attributes: wire.RuleAttributes): ast.RuleDecl {
    const comment = userText(parseUserData(attributes.userdata).get(0));
    return {
      kind: 'rule',
      statements: this.delineariser(table).rule(attributes.expressions ?? []),
      loc: nowhere,
      ...(comment === undefined ? {} : { comment }),
      ...(attributes.handle === undefined ? {} : { handle: attributes.handle }),
    };
  }

  /** Objects of a type, their counters set to zero when read. */
  async resetObjects(
    family: number,
    type: number,
    table?: string,
    name?: string,
  ): Promise<{ family: ast.Family; table: string; object: ast.ObjectDecl }[]> {
    const attributes = { type, ...(table === undefined ? {} : { table }), ...(name === undefined ? {} : { name }) };
    if (name !== undefined) {
      const answer = await this.client.get(wire.objectMessage, { type: wire.NFT_MSG_GETOBJ_RESET, header: { family }, attributes });
      if (answer === null) return [];
      const parsed = wire.objectMessage.parse(answer);
      return [{ family: familyOf(parsed.header.family), table: parsed.attributes.table ?? '', object: decodeObject(parsed.attributes) }];
    }
    const found: { family: ast.Family; table: string; object: ast.ObjectDecl }[] = [];
    for await (const answer of this.#dump(wire.objectMessage, wire.NFT_MSG_GETOBJ_RESET, family, attributes))
      found.push({ family: familyOf(answer.family), table: answer.attributes.table ?? '', object: decodeObject(answer.attributes) });
    return found;
  }
}
