import type { ValuesOf } from '../../../netlink/attributes.js';
import * as wire from '../../../netlink/nfnl/nf-tables.js';
import { NFT_DATA_VERDICT } from '../../../netlink/nfnl/data.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import {
  NF_ACCEPT,
  NF_DROP,
  NFPROTO_ARP,
  NFPROTO_BRIDGE,
  NFPROTO_INET,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  NFPROTO_NETDEV,
} from '../../../netlink/nfnl/nfnetlink.js';
import { Deferred } from '../../../netlink/schema.js';
import type * as ast from '../ast.js';
import { timeoutStates } from '../ct-timeouts.js';
import { verdictType } from '../datatypes/basic.js';
import { hookNumber } from '../hooks.js';
import { saveTypeof } from '../typeof.js';
import type { Location } from '../location.js';
import { UserData } from '../userdata.js';
import { Code } from './code.js';
import { limit } from '../../../netlink/nfnl/expressions/limit.js';
import { quota } from '../../../netlink/nfnl/expressions/quota.js';
import { counter } from '../../../netlink/nfnl/expressions/counter.js';
import { synproxy } from '../../../netlink/nfnl/expressions/synproxy.js';

/** Declarations as attributes. */

export const familyNumber: Readonly<Record<ast.Family, number>> = {
  ip: NFPROTO_IPV4,
  ip6: NFPROTO_IPV6,
  inet: NFPROTO_INET,
  arp: NFPROTO_ARP,
  bridge: NFPROTO_BRIDGE,
  netdev: NFPROTO_NETDEV,
};

export const tableValues = (table: ast.TableDecl): wire.TableAttributes => ({
  name: table.name,
  flags: table.flags ?? 0,
  ...(table.comment === undefined ? {} : { userdata: new UserData().text(0, table.comment).bytes() }),
});

export function chainValues(family: ast.Family, table: string, chain: ast.ChainDecl): wire.ChainAttributes {
  const { hook } = chain;
  const devices = hook?.deviceNames ?? [];
  return {
    table,
    name: chain.name,
    ...(hook === undefined
      ? {}
      : {
          hook: {
            hooknum: hookNumber(family, hook.hook) ?? 0,
            priority: hook.priorityValue ?? 0,
            ...(devices.length === 1 ? { dev: devices[0]! } : {}),
            ...(devices.length > 1 ? { devs: devices } : {}),
          },
          type: hook.type,
        }),
    ...(chain.policy === undefined ? {} : { policy: chain.policy === 'drop' ? NF_DROP : NF_ACCEPT }),
    ...(chain.flags === undefined ? {} : { flags: chain.flags }),
    ...(chain.comment === undefined ? {} : { userdata: new UserData().text(0, chain.comment).bytes() }),
  };
}

export interface RuleCode {
  readonly values: wire.RuleAttributes;
  /** Where each expression stands in the text. */
  readonly places: readonly Location[];
}

export function ruleValues(table: string, chain: string, rule: ast.RuleDecl): RuleCode {
  const code = new Code();
  for (const statement of rule.statements) code.statement(statement);
  return {
    values: {
      table,
      chain,
      expressions: code.expressions,
      ...(rule.comment === undefined ? {} : { userdata: new UserData().text(0, rule.comment).bytes() }),
    },
    places: code.places,
  };
}

const orders: Readonly<Record<string, number>> = { none: 0, host: 1, big: 2 };

export function setValues(table: string, set: ast.SetDecl, elementCount: number): wire.SetAttributes {
  const concat = set.keyType.parts !== undefined;
  const userdata = new UserData().number(0, orders[set.keyByteorder] ?? 0);
  if (set.dataType !== undefined) userdata.number(1, orders[set.dataByteorder ?? 'none'] ?? 0);
  if (set.autoMerge === true) userdata.number(2, 1);
  const anonymous = (set.flags & wire.NFT_SET_ANONYMOUS) !== 0;
  const key = set.keyTypeof === undefined ? null : saveTypeof(set.keyTypeof);
  if (key !== null) userdata.nested(3, key);
  const data = set.dataTypeof === undefined ? null : saveTypeof(set.dataTypeof);
  if (data !== null) userdata.nested(4, data);
  if (set.dataInterval === true) userdata.number(6, 1);
  if (set.comment !== undefined) userdata.text(7, set.comment);
  const expressions = set.statements.map((statement) => new Code().inside(statement));
  const dataBits = (set.dataBits ?? 0) * (set.dataInterval === true ? 2 : 1);
  const lengths = concat ? partBits(set).map((bits) => ({ len: Math.ceil(bits / 8) })) : [];
  const ranged = concat && (set.flags & wire.NFT_SET_INTERVAL) !== 0;
  const size = anonymous && (set.flags & wire.NFT_SET_EVAL) === 0 ? elementCount : set.size;
  return {
    table,
    name: set.name,
    flags: set.flags,
    keyType: set.keyType.id,
    keyLen: Math.ceil(set.keyBits / 8),
    ...(set.dataType === undefined
      ? {}
      : {
          dataType: set.dataType.id === verdictType.id ? NFT_DATA_VERDICT : set.dataType.id,
          dataLen: Math.ceil(dataBits / 8),
        }),
    ...(set.objectType === undefined ? {} : { objType: set.objectType }),
    ...(set.timeout === undefined ? {} : { timeout: set.timeout }),
    ...(set.gcInterval === undefined ? {} : { gcInterval: set.gcInterval }),
    ...(set.policy === undefined ? {} : { policy: set.policy }),
    ...(size === undefined && !ranged ? {} : { desc: { ...(size === undefined ? {} : { size }), ...(ranged ? { concat: lengths } : {}) } }),
    id: set.id ?? 0,
    userdata: userdata.bytes(),
    ...(expressions.length === 1 && !anonymous ? { expr: expressions[0]! } : {}),
    ...(expressions.length > 1 ? { expressions } : {}),
  };
}

export const partBits = (set: ast.SetDecl): number[] =>
  set.keyParts?.map((part) => part.bits) ?? set.keyType.parts?.map((part) => part.bits) ?? [];

export function objectValues(table: string, object: ast.ObjectDecl): ValuesOf<typeof objects.objectAttributes.shape> {
  return {
    table,
    name: object.name,
    type: object.type,
    data: objectData(object),
    ...(object.comment === undefined ? {} : { userdata: new UserData().text(0, object.comment).bytes() }),
  };
}

function objectData(object: ast.ObjectDecl): Deferred {
  switch (object.type) {
    case objects.NFT_OBJECT_COUNTER:
      return Deferred.of(counter.attributes, { bytes: object.counter?.bytes ?? 0, packets: object.counter?.packets ?? 0 });
    case objects.NFT_OBJECT_QUOTA:
      return Deferred.of(quota.attributes, { bytes: object.quota!.bytes, flags: object.quota!.over ? 1 : 0, consumed: object.quota!.used });
    case objects.NFT_OBJECT_LIMIT: {
      const l = object.limit!;
      return Deferred.of(limit.attributes, { rate: l.rate, unit: l.unit, burst: l.burst, type: l.bytes ? 1 : 0, flags: l.over ? 1 : 0 });
    }
    case objects.NFT_OBJECT_SYNPROXY:
      return Deferred.of(synproxy.attributes, { ...object.synproxy! });
    case objects.NFT_OBJECT_SECMARK:
      return Deferred.of(objects.secmarkAttributes, { ctx: object.secmark!.context });
    case objects.NFT_OBJECT_CT_HELPER: {
      const h = object.helper!;
      return Deferred.of(objects.ctHelperAttributes, {
        name: h.name,
        ...(h.l3proto === 0 ? {} : { l3proto: h.l3proto }),
        l4proto: h.protocol,
      });
    }
    case objects.NFT_OBJECT_CT_TIMEOUT: {
      const t = object.timeout!;
      const names = timeoutStates(t.protocol);
      const policy = Deferred.by((writer) => {
        for (const [state, seconds] of t.policy) {
          const mark = writer.beginAttribute(names.indexOf(state) + 1);
          writer.be32(seconds);
          writer.endAttribute(mark);
        }
      });
      return Deferred.of(objects.ctTimeoutAttributes, {
        ...(t.l3proto === 0 ? {} : { l3proto: t.l3proto }),
        l4proto: t.protocol,
        data: policy,
      });
    }
    default: {
      const e = object.expectation!;
      return Deferred.of(objects.ctExpectationAttributes, {
        ...(e.l3proto === 0 ? {} : { l3proto: e.l3proto }),
        l4proto: e.protocol,
        dport: e.dport,
        timeout: e.timeout,
        size: e.size,
      });
    }
  }
}

export const flowtableValues = (table: string, flowtable: ast.FlowtableDecl): ValuesOf<typeof wire.flowtableAttributes.shape> => ({
  table,
  name: flowtable.name,
  ...(flowtable.flags === 0 ? {} : { flags: flowtable.flags }),
  hook: {
    num: 0,
    priority: flowtable.priorityValue ?? 0,
    ...((flowtable.deviceNames ?? []).length === 0 ? {} : { devs: flowtable.deviceNames! }),
  },
});
