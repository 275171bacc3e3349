import { showWith } from '../show.js';
import * as wire from '../../../netlink/nfnl/nf-tables.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import type * as ast from '../ast.js';
import { timeoutStates, defaultTimeout } from '../ct-timeouts.js';
import { JsonRaw, type JsonValue, type OutputStyle } from '../datatypes/datatype.js';
import { l3protoName, isMap, isMeter, setFlagNames, setWord } from '../print/ruleset.js';
import { objectKindNames } from '../statements/objref.js';
import { limitJson } from '../statements/stateful.js';
import { synproxyJson } from '../statements/synproxy.js';
import type { TableState } from '../ruleset/ruleset.js';
import { elementJson } from './expression.js';

/** As jansson writes it: one line, a blank behind commas and colons. */
export function jsonText(value: JsonValue): string {
  if (value instanceof JsonRaw) return value.text;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(jsonText).join(', ')}]`;
  const members = Object.entries(value as Readonly<Record<string, JsonValue>>);
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}: ${jsonText(inner)}`).join(', ')}}`;
}

export const METAINFO: JsonValue = { metainfo: { version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1 } };

const handleOf = (item: { readonly handle?: number }): Record<string, JsonValue> =>
  item.handle === undefined ? {} : { handle: item.handle };

/** Lists in JSON: libnftables-json(5). */
export class JsonListing {
  readonly #style: OutputStyle;
  #items: JsonValue[] = [];

  constructor(style: OutputStyle) {
    this.#style = style;
  }

  begin(): void {
    this.#items = [METAINFO];
  }

  end(): string {
    return `${jsonText({ nftables: this.#items })}\n`;
  }

  table(table: ast.TableDecl): void {
    this.#items.push({ table: tableJson(table) });
  }

  chain(table: TableState, chain: ast.ChainDecl): void {
    this.#items.push({ chain: chainJson(table.decl, chain) });
  }

  rule(table: TableState, chain: ast.ChainDecl, rule: ast.RuleDecl): void {
    this.#items.push({ rule: ruleJson(table.decl, chain.name, rule, this.#style) });
  }

  set(table: TableState, set: ast.SetDecl): void {
    this.#items.push({ [setWord(set)]: setJson(table.decl, set, this.#style) });
  }

  object(table: TableState, object: ast.ObjectDecl): void {
    this.#items.push({ [objectKindNames.get(object.type) ?? 'unknown']: objectJson(table.decl, object) });
  }

  flowtable(table: TableState, flowtable: ast.FlowtableDecl): void {
    this.#items.push({ flowtable: flowtableJson(table.decl, flowtable) });
  }

  wholeTable(table: TableState): void {
    this.table(table.decl);
    for (const object of table.objects) this.object(table, object);
    for (const set of table.sets) if ((set.flags & wire.NFT_SET_ANONYMOUS) === 0) this.set(table, set);
    for (const flowtable of table.flowtables) this.flowtable(table, flowtable);
    const chains = table.chains.filter(({ binding }) => !binding);
    for (const { chain } of chains) this.chain(table, chain);
    for (const { chain, rules } of chains) for (const rule of rules) this.rule(table, chain, rule);
  }
}

export function tableJson(table: ast.TableDecl): JsonValue {
  return {
    family: table.family,
    name: table.name,
    ...handleOf(table),
    ...(((table.flags ?? 0) & wire.NFT_TABLE_F_DORMANT) === 0 ? {} : { flags: 'dormant' }),
    ...(table.comment === undefined ? {} : { comment: table.comment }),
  };
}

export function chainJson(table: ast.TableDecl, chain: ast.ChainDecl): JsonValue {
  return {
    family: table.family,
    table: table.name,
    name: chain.name,
    ...handleOf(chain),
    ...(chain.comment === undefined ? {} : { comment: chain.comment }),
    ...(chain.hook === undefined
      ? {}
      : {
          // nft 1.0.6 leaves out on which devices.
          type: chain.hook.type,
          hook: chain.hook.hook,
          prio: chain.hook.priorityValue ?? 0,
          policy: chain.policy ?? 'accept',
        }),
  };
}

export function ruleJson(table: ast.TableDecl, chain: string, rule: ast.RuleDecl, style: OutputStyle): JsonValue {
  return {
    family: table.family,
    table: table.name,
    chain,
    ...handleOf(rule),
    ...(rule.comment === undefined ? {} : { comment: rule.comment }),
    expr: rule.statements.map((s) => showWith(style).statementJson(s)),
  };
}

function typeJson(type: ast.SetDecl['keyType']): JsonValue {
  return type.parts === undefined ? type.name : type.parts.map((part) => part.name);
}

export function setJson(table: ast.TableDecl, set: ast.SetDecl, style: OutputStyle): JsonValue {
  const flags = setFlagNames(set).filter((name) => name !== 'dynamic');
  const elements = style.terse ? [] : (set.elements?.elements ?? []);
  let map: JsonValue | undefined;
  if (isMap(set))
    map =
      set.objectType === undefined
        ? set.dataType === undefined
          ? 'invalid'
          : typeJson(set.dataType)
        : (objectKindNames.get(set.objectType) ?? 'unknown');
  return {
    family: table.family,
    name: set.name,
    table: table.name,
    type:
      set.keyTypeof !== undefined && set.keyType.bits === 0 ? { typeof: showWith(style).exprJson(set.keyTypeof) } : typeJson(set.keyType),
    ...handleOf(set),
    ...(set.comment === undefined ? {} : { comment: set.comment }),
    ...(map === undefined ? {} : { map }),
    ...(set.policy === wire.NFT_SET_POL_MEMORY ? { policy: 'memory' } : {}),
    ...((set.size ?? 0) === 0 ? {} : { size: set.size! }),
    ...(flags.length === 0 ? {} : { flags }),
    ...(set.timeout === undefined ? {} : { timeout: Math.floor(set.timeout / 1000) }),
    ...(set.gcInterval === undefined ? {} : { 'gc-interval': Math.floor(set.gcInterval / 1000) }),
    ...(elements.length === 0 ? {} : { elem: elements.map((element) => elementJson(element, showWith(style))) }),
    ...(isMeter(set) || set.statements.length === 0
      ? {}
      : { stmt: set.statements.map((s) => showWith({ ...style, stateless: true }).statementJson(s)) }),
  };
}

const protocolName = (number: number) => (number === 6 ? 'tcp' : number === 17 ? 'udp' : 'unknown');

export function objectJson(table: ast.TableDecl, object: ast.ObjectDecl): JsonValue {
  return {
    family: table.family,
    name: object.name,
    table: table.name,
    ...handleOf(object),
    ...(object.comment === undefined ? {} : { comment: object.comment }),
    ...objectMembers(object),
  };
}

function objectMembers(object: ast.ObjectDecl): Record<string, JsonValue> {
  switch (object.type) {
    case objects.NFT_OBJECT_COUNTER:
      return { packets: object.counter!.packets, bytes: object.counter!.bytes };
    case objects.NFT_OBJECT_QUOTA:
      return { bytes: object.quota!.bytes, used: object.quota!.used, inv: object.quota!.over };
    case objects.NFT_OBJECT_LIMIT:
      return limitObjectJson(object.limit!);
    case objects.NFT_OBJECT_SYNPROXY:
      return synproxyJson(object.synproxy!);
    case objects.NFT_OBJECT_SECMARK:
      return { context: object.secmark!.context };
    case objects.NFT_OBJECT_CT_HELPER:
      return { type: object.helper!.name, protocol: protocolName(object.helper!.protocol), l3proto: l3protoName(object.helper!.l3proto) };
    case objects.NFT_OBJECT_CT_TIMEOUT: {
      const { protocol, l3proto, policy } = object.timeout!;
      const shown = timeoutStates(protocol).filter((state) => policy.has(state) && policy.get(state) !== defaultTimeout(protocol, state));
      return {
        protocol: protocolName(protocol),
        l3proto: l3protoName(l3proto),
        policy: Object.fromEntries(shown.map((state) => [state, policy.get(state)!])),
      };
    }
    case objects.NFT_OBJECT_CT_EXPECT: {
      const e = object.expectation!;
      return { protocol: protocolName(e.protocol), dport: e.dport, timeout: e.timeout, size: e.size, l3proto: l3protoName(e.l3proto) };
    }
    default:
      return {};
  }
}

/** Of an object, "inv" stands before the burst. */
function limitObjectJson(limit: NonNullable<ast.ObjectDecl['limit']>): Record<string, JsonValue> {
  const { rate, burst, per, inv, rate_unit: rateUnit, burst_unit: burstUnit } = limitJson(limit);
  return {
    rate: rate!,
    per: per!,
    ...(inv === undefined ? {} : { inv }),
    ...(rateUnit === undefined ? {} : { rate_unit: rateUnit }),
    ...(limit.burst === 0 ? {} : { burst: burst! }),
    ...(limit.burst === 0 || burstUnit === undefined ? {} : { burst_unit: burstUnit }),
  };
}

export function flowtableJson(table: ast.TableDecl, flowtable: ast.FlowtableDecl): JsonValue {
  const devices = flowtable.deviceNames ?? [];
  return {
    family: table.family,
    name: flowtable.name,
    table: table.name,
    ...handleOf(flowtable),
    hook: flowtable.hook ?? 'ingress',
    prio: flowtable.priorityValue ?? 0,
    ...(devices.length === 0 ? {} : { dev: devices.length === 1 ? devices[0]! : devices }),
  };
}
