import * as wire from '../../../netlink/nfnl/nf-tables.js';
import * as objects from '../../../netlink/nfnl/objects.js';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type * as ast from '../ast.js';
import type { Command, Target, Verb } from '../command.js';
import { invalidType } from '../datatypes/basic.js';
import { JsonRaw, type JsonValue } from '../datatypes/datatype.js';
import { concatType, datatypeNamed } from '../datatypes/registry.js';
import { NftError } from '../errors.js';
import { InputSource, nowhere } from '../location.js';
import * as make from '../parser/make.js';
import { objectKindNames } from '../statements/objref.js';
import { jsonKind, JsonReader } from './reader.js';

/** Commands in JSON: {"nftables": [{"add": {"table": ...}}, ...]}. */

const families: readonly ast.Family[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];
const verbs: readonly Verb[] = ['add', 'create', 'insert', 'replace', 'delete', 'list', 'flush', 'rename', 'reset'];
const objectTypes = new Map([...objectKindNames].map(([type, name]) => [name, type]));
const knownKinds: ReadonlySet<string> = new Set([
  'table',
  'chain',
  'rule',
  'set',
  'map',
  'meter',
  'element',
  'flowtable',
  'tables',
  'chains',
  'sets',
  'maps',
  'meters',
  'flowtables',
  'ruleset',
  ...[...objectKindNames.values()].flatMap((name) => [name, `${name}s`]),
]);
const plurals: Readonly<Record<string, Target>> = {
  ruleset: 'ruleset',
  tables: 'tables',
  chains: 'chains',
  sets: 'sets',
  maps: 'maps',
  meters: 'meters',
  flowtables: 'flowtables',
};

/** Null: the text is no JSON, and perhaps in the language. */
export function parseJsonCommands(text: string, name: string): { commands: Command[]; errors: NftError[] } | null {
  if (!/^\s*[{[]/.test(text)) return null;
  let root: JsonValue;
  try {
    // Numbers that JavaScript cannot hold exactly keep their digits.
    root = JSON.parse(text, ((_key: string, value: JsonValue, context?: { source?: string }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) && context?.source !== undefined
        ? new JsonRaw(context.source)
        : value) as never) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const source = new InputSource(name, text);
  const r = new JsonReader(source);
  const commands: Command[] = [];
  const { errors } = r;
  try {
    if (Array.isArray(root)) throw new NftError('Expected object, got array', { source, start: 0, end: 1 });
    const items = r.required(root, 'nftables');
    if (!Array.isArray(items)) return { commands, errors: [new NftError('Value of property "nftables" must be an array.', nowhere)] };
    for (const [index, item] of (items as readonly JsonValue[]).entries()) {
      if (jsonKind(item) !== 'object') return r.fail(`Unexpected command array element of type ${jsonKind(item)}, expected object.`);
      if (r.has(item, 'metainfo')) checkVersion(r.member(item, 'metainfo'), r);
      else commands.push(r.within(`Parsing command array at index ${index} failed.`, () => command(item, r)));
    }
  } catch (error) {
    if (!(error instanceof NftError)) throw error;
    errors.push(error);
  }
  return { commands, errors };
}

const SCHEMA_VERSION = 1;

function checkVersion(value: JsonValue, r: JsonReader): void {
  const version = r.optionalNumber(value, 'json_schema_version');
  if (version === undefined || version <= SCHEMA_VERSION) return;
  r.within('Metainfo verification failed.', () =>
    r.fail(`Schema version ${version} not supported, maximum supported version is ${SCHEMA_VERSION}\n`),
  );
}

function command(item: JsonValue, r: JsonReader): Command {
  const [verb] = Object.keys(item as Readonly<Record<string, JsonValue>>);
  // Without a verb, as lists have it: add.
  if (verb === undefined || !verbs.includes(verb as Verb)) return object('add', item, r);
  const value = r.member(item, verb);
  if (jsonKind(value) !== 'object') return r.fail(`Value of ${verb} command must be object (got ${jsonKind(value)} instead).`);
  return object(verb as Verb, value, r);
}

/** What commands of a kind of things must name, in the order in which nft asks for it. */
const everyTable = new Set(['tables', 'chains', 'sets', 'maps', 'meters', 'flowtables', 'ruleset']);

function checkNames(verb: Verb, kind: string, value: JsonValue, r: JsonReader): void {
  if (everyTable.has(kind) || (objectTypes.has(kind.replace(/s$/, '')) && !objectTypes.has(kind))) return;
  const byHandle = verb === 'delete' && r.has(value, 'handle');
  if (kind === 'table') {
    if (!byHandle) r.required(value, 'name');
    return;
  }
  r.required(value, 'table', 1);
  if (kind === 'rule') {
    r.required(value, 'chain', 2);
    if (verb === 'delete') r.required(value, 'handle');
  } else if (kind === 'element') {
    r.required(value, 'name', 2);
    r.required(value, 'elem', 3);
  } else if (!byHandle && verb !== 'flush' && verb !== 'list') r.required(value, 'name');
}

function object(verb: Verb, item: JsonValue, r: JsonReader): Command {
  const [kind] = Object.keys((item ?? {}) as Readonly<Record<string, JsonValue>>);
  if (kind === undefined || !knownKinds.has(kind)) return r.fail(`Unknown object passed to ${verb} command.`);
  const value = r.member(item, kind);
  const familyName = r.optionalString(value, 'family');
  if (familyName !== undefined && !families.includes(familyName as ast.Family)) return r.fail(`Unknown family '${familyName}'.`);
  checkNames(verb, kind, value, r);
  const family = familyName as ast.Family | undefined;
  const named = (text: string | undefined) => (text === undefined ? undefined : { text, loc: nowhere });
  const table = named(r.optionalString(value, 'table') ?? (kind === 'table' ? r.optionalString(value, 'name') : undefined));
  const name = named(r.optionalString(value, 'name'));
  const handle = r.optionalNumber(value, 'handle');
  const common = {
    verb,
    loc: nowhere,
    ...(family === undefined ? {} : { family }),
    ...(table === undefined ? {} : { table }),
    ...(handle === undefined || verb === 'add' || verb === 'create' || verb === 'insert' ? {} : { handle: { id: handle, loc: nowhere } }),
  };
  const plural = plurals[kind];
  if (plural !== undefined) return { ...common, target: plural };
  const withName = name === undefined ? {} : { name };
  switch (kind) {
    case 'table': {
      if (verb !== 'add' && verb !== 'create') return { ...common, target: 'table' };
      const comment = r.optionalString(value, 'comment');
      const flags = r.has(value, 'flags') && r.list(r.member(value, 'flags')).includes('dormant') ? wire.NFT_TABLE_F_DORMANT : 0;
      const decl: ast.TableDecl = {
        kind: 'table',
        family: family ?? 'ip',
        name: table!.text,
        flags,
        ...(comment === undefined ? {} : { comment }),
      };
      return {
        ...common,
        family: family ?? 'ip',
        target: 'table',
        block: { table: decl, chains: [], sets: [], objects: [], flowtables: [] },
      };
    }
    case 'chain':
      if (verb === 'rename')
        return { ...common, ...withName, target: 'chain', newName: { text: r.string(r.member(value, 'newname')), loc: nowhere } };
      return {
        ...common,
        ...withName,
        target: 'chain',
        ...(verb === 'add' || verb === 'create' ? { chain: chain(value, r), rules: [] } : {}),
      };
    case 'rule': {
      const inChain = { text: r.string(r.member(value, 'chain')), loc: nowhere };
      if (verb === 'delete' || verb === 'list' || verb === 'flush') return { ...common, name: inChain, target: 'rule' };
      const comment = r.optionalString(value, 'comment');
      const index = r.optionalNumber(value, 'index');
      const rule: ast.RuleDecl = {
        kind: 'rule',
        statements: r.statements(r.member(value, 'expr')),
        loc: nowhere,
        ...(comment === undefined ? {} : { comment }),
      };
      return {
        ...common,
        name: inChain,
        target: 'rule',
        rule,
        // nft 1.0.6 looks at the handle of an inserted rule alone: what a list says can be added again.
        ...(handle === undefined || verb !== 'insert' ? {} : { position: { id: handle, loc: nowhere } }),
        ...(index === undefined ? {} : { index: { id: index, loc: nowhere } }),
      };
    }
    case 'set':
    case 'map':
    case 'meter':
      return {
        ...common,
        ...withName,
        target: kind,
        ...(verb === 'add' || verb === 'create' ? { set: set(value, kind === 'map', r) } : {}),
      };
    case 'element':
      return { ...common, ...withName, target: 'element', elements: r.set(r.member(value, 'elem')) };
    case 'flowtable':
      return {
        ...common,
        ...withName,
        target: 'flowtable',
        ...(verb === 'add' || verb === 'create' ? { flowtable: flowtable(value, r) } : {}),
      };
  }
  const objectType = objectTypes.get(kind) ?? objectTypes.get(kind.replace(/s$/, ''));
  if (objectType === undefined) return r.fail(`Unknown object '${kind}'.`);
  if (!objectTypes.has(kind)) return { ...common, target: 'objects', objectType };
  if (verb !== 'add' && verb !== 'create') return { ...common, ...withName, target: 'object', objectType };
  return { ...common, ...withName, target: 'object', objectType, object: statefulObject(objectType, value, r) };
}

const hooks = ['ingress', 'egress', 'prerouting', 'input', 'forward', 'output', 'postrouting'];
const devicesOf = (value: JsonValue, r: JsonReader): ast.Expr[] =>
  r.has(value, 'dev') ? r.list(r.member(value, 'dev')).map((name) => make.symbol(nowhere, r.string(name))) : [];

function chain(value: JsonValue, r: JsonReader): ast.ChainDecl {
  const decl: ast.ChainDecl = { kind: 'chain', name: r.string(r.member(value, 'name')), loc: nowhere };
  const comment = r.optionalString(value, 'comment');
  if (comment !== undefined) decl.comment = comment;
  const type = r.optionalString(value, 'type');
  if (type === undefined || !r.has(value, 'hook')) return decl;
  const hook = r.string(r.member(value, 'hook'));
  if (!hooks.includes(hook)) return r.fail(`Invalid chain hook '${hook}'.`);
  decl.hook = {
    type,
    typeLoc: nowhere,
    hook,
    hookLoc: nowhere,
    priority: make.symbol(nowhere, String(r.optionalNumber(value, 'prio') ?? r.optionalString(value, 'prio') ?? 0)),
    devices: devicesOf(value, r),
    loc: nowhere,
  };
  const policy = r.optionalString(value, 'policy');
  if (policy === 'accept' || policy === 'drop') decl.policy = policy;
  else if (policy !== undefined) return r.fail(`Unknown policy '${policy}'.`);
  return decl;
}

function typeOf(value: JsonValue, r: JsonReader): ast.SetDecl['keyType'] {
  return concatType(r.list(value).map((name) => datatypeNamed(r.string(name)) ?? r.fail(`Invalid datatype '${String(name)}'.`)));
}

const setFlags: Readonly<Record<string, number>> = {
  constant: wire.NFT_SET_CONSTANT,
  interval: wire.NFT_SET_INTERVAL,
  timeout: wire.NFT_SET_TIMEOUT,
  dynamic: wire.NFT_SET_EVAL,
};

function set(value: JsonValue, isMap: boolean, r: JsonReader): ast.SetDecl {
  const decl: ast.SetDecl = {
    kind: 'set',
    name: r.string(r.member(value, 'name')),
    keyType: invalidType,
    keyBits: 0,
    keyByteorder: 'none',
    flags: isMap ? wire.NFT_SET_MAP : 0,
    statements: [],
    loc: nowhere,
  };
  if (!r.has(value, 'type')) return r.fail('Invalid set type.');
  const type = r.member(value, 'type');
  if (r.has(type, 'typeof')) decl.keyTypeof = r.expression(r.member(type, 'typeof'));
  else decl.keyType = r.within('Invalid set type.', () => typeOf(type, r));
  if (isMap) {
    const data = r.member(value, 'map');
    const object = typeof data === 'string' ? objectTypes.get(data) : undefined;
    if (object !== undefined) decl.objectType = object;
    else if (r.has(data, 'typeof')) decl.dataTypeof = r.expression(r.member(data, 'typeof'));
    else decl.dataType = typeOf(data, r);
  }
  if (r.has(value, 'flags'))
    for (const flag of r.list(r.member(value, 'flags')))
      decl.flags |= setFlags[r.string(flag)] ?? r.fail(`Invalid set flag '${String(flag)}'.`);
  const timeout = r.optionalNumber(value, 'timeout');
  if (timeout !== undefined) {
    decl.timeout = timeout * 1000;
    decl.flags |= wire.NFT_SET_TIMEOUT;
  }
  const gcInterval = r.optionalNumber(value, 'gc-interval');
  if (gcInterval !== undefined) decl.gcInterval = gcInterval * 1000;
  const size = r.optionalNumber(value, 'size');
  if (size !== undefined) decl.size = size;
  const policy = r.optionalString(value, 'policy');
  if (policy !== undefined) decl.policy = policy === 'memory' ? wire.NFT_SET_POL_MEMORY : wire.NFT_SET_POL_PERFORMANCE;
  if (r.flag(value, 'auto-merge')) decl.autoMerge = true;
  const comment = r.optionalString(value, 'comment');
  if (comment !== undefined) decl.comment = comment;
  if (r.has(value, 'stmt')) decl.statements = r.statements(r.member(value, 'stmt'));
  if (r.has(value, 'elem')) decl.elements = r.set(r.member(value, 'elem'));
  return decl;
}

function flowtable(value: JsonValue, r: JsonReader): ast.FlowtableDecl {
  return {
    kind: 'flowtable',
    name: r.string(r.member(value, 'name')),
    hook: r.optionalString(value, 'hook') ?? 'ingress',
    priority: make.symbol(nowhere, String(r.optionalNumber(value, 'prio') ?? 0)),
    devices: devicesOf(value, r),
    flags: 0,
    loc: nowhere,
  };
}

function statefulObject(type: number, value: JsonValue, r: JsonReader): ast.ObjectDecl {
  const comment = r.optionalString(value, 'comment');
  const decl: ast.ObjectDecl = {
    kind: 'object',
    type,
    name: r.string(r.member(value, 'name')),
    loc: nowhere,
    ...(comment === undefined ? {} : { comment }),
  };
  const protocol = r.optionalString(value, 'protocol') === 'udp' ? 17 : 6;
  const l3proto = { ip: NFPROTO_IPV4, ip6: NFPROTO_IPV6, inet: NFPROTO_INET }[r.optionalString(value, 'l3proto') ?? ''] ?? 0;
  switch (type) {
    case objects.NFT_OBJECT_COUNTER:
      decl.counter = { packets: r.optionalNumber(value, 'packets') ?? 0, bytes: r.optionalNumber(value, 'bytes') ?? 0 };
      break;
    case objects.NFT_OBJECT_QUOTA:
      decl.quota = { bytes: r.optionalNumber(value, 'bytes') ?? 0, used: r.optionalNumber(value, 'used') ?? 0, over: r.flag(value, 'inv') };
      break;
    case objects.NFT_OBJECT_LIMIT:
      decl.limit = r.limit(value);
      break;
    case objects.NFT_OBJECT_SYNPROXY:
      decl.synproxy = r.synproxy(value);
      break;
    case objects.NFT_OBJECT_SECMARK:
      decl.secmark = { context: r.string(r.member(value, 'context')) };
      break;
    case objects.NFT_OBJECT_CT_HELPER:
      decl.helper = { name: r.string(r.member(value, 'type')), protocol, l3proto };
      break;
    case objects.NFT_OBJECT_CT_TIMEOUT: {
      const policy = Object.entries(r.member(value, 'policy') as Readonly<Record<string, JsonValue>>);
      decl.timeout = { protocol, l3proto, policy: new Map(policy.map(([state, seconds]) => [state, r.number(seconds)])) };
      break;
    }
    case objects.NFT_OBJECT_CT_EXPECT:
      decl.expectation = {
        protocol,
        l3proto,
        dport: r.number(r.member(value, 'dport')),
        timeout: r.number(r.member(value, 'timeout')),
        size: r.number(r.member(value, 'size')),
      };
      break;
  }
  return decl;
}
