import type { ValuesOf } from '../../../netlink/attributes.js';
import { NFT_DATA_VERDICT } from '../../../netlink/nfnl/data.js';
import { familyNames } from '../../../netlink/nfnl/families.js';
import { counter } from '../../../netlink/nfnl/expressions/counter.js';
import { limit } from '../../../netlink/nfnl/expressions/limit.js';
import { quota } from '../../../netlink/nfnl/expressions/quota.js';
import { synproxy } from '../../../netlink/nfnl/expressions/synproxy.js';
import * as wire from '../../../netlink/nfnl/nf-tables.js';
import { NF_DROP } from '../../../netlink/nfnl/nfnetlink.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import { attributes, be32 } from '../../../netlink/attributes.js';
import type * as ast from '../ast.js';
import { timeoutStates } from '../ct-timeouts.js';
import { verdictType } from '../datatypes/basic.js';
import type { ByteOrder } from '../datatypes/datatype.js';
import { datatypeById } from '../datatypes/registry.js';
import { hookName } from '../hooks.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';
import { restoreTypeof } from '../typeof.js';
import { parseUserData, userNumber, userText } from '../userdata.js';

/** What the kernel says of tables, chains, sets, objects and flowtables, as declarations. */

const orders: readonly ByteOrder[] = ['none', 'host', 'big'];

export const familyOf = (number: number): ast.Family => (familyNames.get(number) ?? 'inet') as ast.Family;

export function decodeTable(family: number, t: wire.TableAttributes): ast.TableDecl {
  const comment = userText(parseUserData(t.userdata).get(0));
  return {
    kind: 'table',
    family: familyOf(family),
    name: t.name ?? '',
    ...(t.handle === undefined ? {} : { handle: t.handle }),
    ...((t.flags ?? 0) === 0 ? {} : { flags: t.flags! }),
    ...(t.owner === undefined ? {} : { owner: t.owner }),
    ...(comment === undefined ? {} : { comment }),
  };
}

export function decodeChain(family: number, c: wire.ChainAttributes): ast.ChainDecl {
  const known = familyOf(family);
  const comment = userText(parseUserData(c.userdata).get(0));
  const chain: ast.ChainDecl = {
    kind: 'chain',
    name: c.name ?? '',
    loc: nowhere,
    ...(c.handle === undefined ? {} : { handle: c.handle }),
    ...(comment === undefined ? {} : { comment }),
    ...(c.flags === undefined ? {} : { flags: c.flags }),
  };
  if (c.hook?.hooknum === undefined) return chain;
  const deviceNames = c.hook.devs !== undefined ? [...c.hook.devs] : c.hook.dev === undefined ? [] : [c.hook.dev];
  chain.hook = {
    type: c.type ?? 'filter',
    typeLoc: nowhere,
    hook: hookName(known, c.hook.hooknum),
    hookLoc: nowhere,
    priority: make.symbol(nowhere, String(c.hook.priority ?? 0)),
    priorityValue: c.hook.priority ?? 0,
    devices: [],
    deviceNames,
    loc: nowhere,
  };
  if (c.policy !== undefined) chain.policy = c.policy === NF_DROP ? 'drop' : 'accept';
  return chain;
}

export function decodeSet(s: wire.SetAttributes): ast.SetDecl {
  const userdata = parseUserData(s.userdata);
  const comment = userText(userdata.get(7));
  const keyTypeof = restoreTypeof(userdata.get(3));
  const dataTypeof = restoreTypeof(userdata.get(4));
  const keyBits = (s.keyLen ?? 0) * 8;
  const flags = s.flags ?? 0;
  let keyType = datatypeById(s.keyType ?? 0);
  if (keyTypeof !== null && (keyType.bits === 0 || keyTypeof.kind === 'concat')) keyType = keyTypeof.type;
  const dataInterval = userNumber(userdata.get(6)) !== undefined;
  const dataType = (s.dataType ?? 0) === NFT_DATA_VERDICT ? verdictType : datatypeById(s.dataType ?? 0);
  return {
    kind: 'set',
    name: s.name ?? '',
    loc: nowhere,
    flags,
    keyType,
    keyBits,
    keyByteorder: orders[userNumber(userdata.get(0)) ?? 0] ?? 'none',
    statements: [],
    ...(s.handle === undefined ? {} : { handle: s.handle }),
    ...(keyTypeof === null ? {} : { keyTypeof }),
    ...(keyTypeof?.kind === 'concat' ? { keyParts: keyTypeof.parts } : {}),
    ...((flags & wire.NFT_SET_MAP) === 0
      ? {}
      : {
          dataType,
          dataBits: ((s.dataLen ?? 0) * 8) / (dataInterval ? 2 : 1),
          dataByteorder: orders[userNumber(userdata.get(1)) ?? 0] ?? 'none',
          ...(dataTypeof === null ? {} : { dataTypeof }),
          ...(dataInterval ? { dataInterval } : {}),
        }),
    ...(s.objType === undefined ? {} : { objectType: s.objType }),
    ...((s.timeout ?? 0) === 0 ? {} : { timeout: s.timeout! }),
    ...((s.gcInterval ?? 0) === 0 ? {} : { gcInterval: s.gcInterval! }),
    ...((s.desc?.size ?? 0) === 0 ? {} : { size: s.desc!.size! }),
    ...(s.policy === undefined ? {} : { policy: s.policy }),
    ...(userNumber(userdata.get(2)) === 1 ? { autoMerge: true } : {}),
    ...(comment === undefined ? {} : { comment }),
  };
}

const timeoutPolicy = attributes(
  'CTA_TIMEOUT',
  Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`s${index + 1}`, be32(index + 1)])),
);

export function decodeObject(o: ValuesOf<typeof objects.objectAttributes.shape>): ast.ObjectDecl {
  const comment = userText(parseUserData(o.userdata).get(0));
  const decl: ast.ObjectDecl = {
    kind: 'object',
    type: o.type ?? 0,
    name: o.name ?? '',
    loc: nowhere,
    ...(o.handle === undefined ? {} : { handle: o.handle }),
    ...(comment === undefined ? {} : { comment }),
  };
  const { data } = o;
  if (data === undefined) return decl;
  switch (decl.type) {
    case objects.NFT_OBJECT_COUNTER: {
      const v = data.parse(counter.attributes);
      decl.counter = { packets: v.packets ?? 0, bytes: v.bytes ?? 0 };
      break;
    }
    case objects.NFT_OBJECT_QUOTA: {
      const v = data.parse(quota.attributes);
      decl.quota = { bytes: v.bytes ?? 0, used: v.consumed ?? 0, over: ((v.flags ?? 0) & 1) !== 0 };
      break;
    }
    case objects.NFT_OBJECT_LIMIT: {
      const v = data.parse(limit.attributes);
      decl.limit = { rate: v.rate ?? 0, unit: v.unit ?? 1, burst: v.burst ?? 0, bytes: v.type === 1, over: ((v.flags ?? 0) & 1) !== 0 };
      break;
    }
    case objects.NFT_OBJECT_SYNPROXY: {
      const v = data.parse(synproxy.attributes);
      decl.synproxy = { mss: v.mss ?? 0, wscale: v.wscale ?? 0, flags: v.flags ?? 0 };
      break;
    }
    case objects.NFT_OBJECT_SECMARK:
      decl.secmark = { context: data.parse(objects.secmarkAttributes).ctx ?? '' };
      break;
    case objects.NFT_OBJECT_CT_HELPER: {
      const v = data.parse(objects.ctHelperAttributes);
      decl.helper = { name: v.name ?? '', protocol: v.l4proto ?? 0, l3proto: v.l3proto ?? 0 };
      break;
    }
    case objects.NFT_OBJECT_CT_EXPECT: {
      const v = data.parse(objects.ctExpectationAttributes);
      decl.expectation = {
        protocol: v.l4proto ?? 0,
        l3proto: v.l3proto ?? 0,
        dport: v.dport ?? 0,
        timeout: v.timeout ?? 0,
        size: v.size ?? 0,
      };
      break;
    }
    case objects.NFT_OBJECT_CT_TIMEOUT: {
      const v = data.parse(objects.ctTimeoutAttributes);
      const protocol = v.l4proto ?? 0;
      const values = v.data?.parse(timeoutPolicy) ?? {};
      const policy = new Map<string, number>();
      timeoutStates(protocol).forEach((state, index) => {
        const seconds = (values as Readonly<Record<string, number | undefined>>)[`s${index + 1}`];
        if (seconds !== undefined) policy.set(state, seconds);
      });
      decl.timeout = { protocol, l3proto: v.l3proto ?? 0, policy };
      break;
    }
  }
  return decl;
}

export function decodeFlowtable(f: ValuesOf<typeof wire.flowtableAttributes.shape>): ast.FlowtableDecl {
  return {
    kind: 'flowtable',
    name: f.name ?? '',
    hook: 'ingress',
    priorityValue: f.hook?.priority ?? 0,
    devices: [],
    deviceNames: [...(f.hook?.devs ?? [])],
    flags: f.flags ?? 0,
    loc: nowhere,
    ...(f.handle === undefined ? {} : { handle: f.handle }),
  };
}
