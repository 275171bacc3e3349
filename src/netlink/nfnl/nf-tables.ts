import { type AttributeCodec, type AttributesOf, attributes, be16, be32, be64, binary, custom, list, nest, string } from '../attributes.js';
import { message } from '../schema.js';
import { data, verdictAttributes } from './data.js';
import { expressionList, oneExpression } from './expression.js';
import { counter } from './expressions/counter.js';
import { NFNL_SUBSYS_NFTABLES, nfgenmsg, nfnlType } from './nfnetlink.js';
import { objectAttributes } from './objects.js';

/**
 * The messages of NFNL_SUBSYS_NFTABLES, linux/netfilter/nf_tables.h. Numbers are big endian but where said. Attributes stand in
 * the order in which the kernel's dumps have them.
 */

// enum nf_tables_msg_types, as nlmsg_type.
export const NFT_MSG_NEWTABLE = nfnlType(NFNL_SUBSYS_NFTABLES, 0);
export const NFT_MSG_GETTABLE = nfnlType(NFNL_SUBSYS_NFTABLES, 1);
export const NFT_MSG_DELTABLE = nfnlType(NFNL_SUBSYS_NFTABLES, 2);
export const NFT_MSG_NEWCHAIN = nfnlType(NFNL_SUBSYS_NFTABLES, 3);
export const NFT_MSG_GETCHAIN = nfnlType(NFNL_SUBSYS_NFTABLES, 4);
export const NFT_MSG_DELCHAIN = nfnlType(NFNL_SUBSYS_NFTABLES, 5);
export const NFT_MSG_NEWRULE = nfnlType(NFNL_SUBSYS_NFTABLES, 6);
export const NFT_MSG_GETRULE = nfnlType(NFNL_SUBSYS_NFTABLES, 7);
export const NFT_MSG_DELRULE = nfnlType(NFNL_SUBSYS_NFTABLES, 8);
export const NFT_MSG_NEWSET = nfnlType(NFNL_SUBSYS_NFTABLES, 9);
export const NFT_MSG_GETSET = nfnlType(NFNL_SUBSYS_NFTABLES, 10);
export const NFT_MSG_DELSET = nfnlType(NFNL_SUBSYS_NFTABLES, 11);
export const NFT_MSG_NEWSETELEM = nfnlType(NFNL_SUBSYS_NFTABLES, 12);
export const NFT_MSG_GETSETELEM = nfnlType(NFNL_SUBSYS_NFTABLES, 13);
export const NFT_MSG_DELSETELEM = nfnlType(NFNL_SUBSYS_NFTABLES, 14);
export const NFT_MSG_NEWGEN = nfnlType(NFNL_SUBSYS_NFTABLES, 15);
export const NFT_MSG_GETGEN = nfnlType(NFNL_SUBSYS_NFTABLES, 16);
export const NFT_MSG_TRACE = nfnlType(NFNL_SUBSYS_NFTABLES, 17);
export const NFT_MSG_NEWOBJ = nfnlType(NFNL_SUBSYS_NFTABLES, 18);
export const NFT_MSG_GETOBJ = nfnlType(NFNL_SUBSYS_NFTABLES, 19);
export const NFT_MSG_DELOBJ = nfnlType(NFNL_SUBSYS_NFTABLES, 20);
export const NFT_MSG_GETOBJ_RESET = nfnlType(NFNL_SUBSYS_NFTABLES, 21);
export const NFT_MSG_NEWFLOWTABLE = nfnlType(NFNL_SUBSYS_NFTABLES, 22);
export const NFT_MSG_GETFLOWTABLE = nfnlType(NFNL_SUBSYS_NFTABLES, 23);
export const NFT_MSG_DELFLOWTABLE = nfnlType(NFNL_SUBSYS_NFTABLES, 24);

/** Names of tables, chains, sets and objects: bytes with their NUL. */
export const NFT_NAME_MAXLEN = 256;
export const NFT_USERDATA_MAXLEN = 256;

// Tables.

export const NFT_TABLE_F_DORMANT = 0x1;
export const NFT_TABLE_F_OWNER = 0x2;

export const tableAttributes = attributes('NFTA_TABLE', {
  name: string(1),
  flags: be32(2),
  /** How many chains it has. */
  use: be32(3),
  handle: be64(4),
  userdata: binary(6, { max: NFT_USERDATA_MAXLEN }),
  /** The port of the socket that it goes with. */
  owner: be32(7),
});
export const tableMessage = message('table', nfgenmsg, tableAttributes);
export type TableAttributes = AttributesOf<typeof tableAttributes>;

// Chains.

export const NFT_CHAIN_BASE = 0x1;
export const NFT_CHAIN_HW_OFFLOAD = 0x2;
/** It belongs to one verdict, and goes with that rule. */
export const NFT_CHAIN_BINDING = 0x4;

// linux/netfilter.h: hooks of ip, ip6, inet and bridge; of arp; of netdev.
export const NF_INET_PRE_ROUTING = 0;
export const NF_INET_LOCAL_IN = 1;
export const NF_INET_FORWARD = 2;
export const NF_INET_LOCAL_OUT = 3;
export const NF_INET_POST_ROUTING = 4;
export const NF_INET_INGRESS = 5;
export const NF_ARP_IN = 0;
export const NF_ARP_OUT = 1;
export const NF_ARP_FORWARD = 2;
export const NF_NETDEV_INGRESS = 0;
export const NF_NETDEV_EGRESS = 1;

const signed = (type: number): AttributeCodec<number> =>
  custom(type, { read: (source, start) => source.view.getInt32(start), write: (writer, value) => writer.be32(value) });
const devices = (type: number) => list(type, string(1));

export const hookAttributes = attributes('NFTA_HOOK', {
  hooknum: be32(1),
  /** Signed. */
  priority: signed(2),
  dev: string(3),
  devs: devices(4),
});
export type HookAttributes = AttributesOf<typeof hookAttributes>;

export const chainAttributes = attributes('NFTA_CHAIN', {
  table: string(1),
  handle: be64(2),
  name: string(3),
  hook: nest(4, hookAttributes),
  /** NF_ACCEPT or NF_DROP. */
  policy: be32(5),
  type: string(7),
  counters: nest(8, counter.attributes),
  flags: be32(10),
  use: be32(6),
  id: be32(11),
  userdata: binary(12, { max: NFT_USERDATA_MAXLEN }),
});
export const chainMessage = message('chain', nfgenmsg, chainAttributes);
export type ChainAttributes = AttributesOf<typeof chainAttributes>;

// Rules.

export const NFT_RULE_COMPAT_F_INV = 0x2;
export const ruleCompatAttributes = attributes('NFTA_RULE_COMPAT', { proto: be32(1), flags: be32(2) });

export const ruleAttributes = attributes('NFTA_RULE', {
  table: string(1),
  chain: string(2),
  handle: be64(3),
  /** Of a dump: the handle of the rule before it; of a request: behind (or with insert before) which it goes. */
  position: be64(6),
  expressions: expressionList(4),
  compat: nest(5, ruleCompatAttributes),
  userdata: binary(7, { max: NFT_USERDATA_MAXLEN }),
  id: be32(9),
  positionId: be32(10),
  chainId: be32(11),
});
export const ruleMessage = message('rule', nfgenmsg, ruleAttributes);
export type RuleAttributes = AttributesOf<typeof ruleAttributes>;

// Sets and maps.

export const NFT_SET_ANONYMOUS = 0x1;
export const NFT_SET_CONSTANT = 0x2;
export const NFT_SET_INTERVAL = 0x4;
export const NFT_SET_MAP = 0x8;
export const NFT_SET_TIMEOUT = 0x10;
export const NFT_SET_EVAL = 0x20;
export const NFT_SET_OBJECT = 0x40;
export const NFT_SET_CONCAT = 0x80;
export const NFT_SET_EXPR = 0x100;

export const NFT_SET_POL_PERFORMANCE = 0;
export const NFT_SET_POL_MEMORY = 1;

export const setFieldAttributes = attributes('NFTA_SET_FIELD', {
  /** Bytes. */
  len: be32(1),
});
export const setDescAttributes = attributes('NFTA_SET_DESC', {
  /** How many elements it may have. */
  size: be32(1),
  concat: list(2, nest(1, setFieldAttributes)),
});

export const setAttributes = attributes('NFTA_SET', {
  table: string(1),
  name: string(2),
  handle: be64(16),
  flags: be32(3),
  /** Userspace's own number of the type. */
  keyType: be32(4),
  /** Bytes. */
  keyLen: be32(5),
  dataType: be32(6),
  dataLen: be32(7),
  objType: be32(15),
  /** Milliseconds. */
  timeout: be64(11),
  /** Milliseconds. */
  gcInterval: be32(12),
  policy: be32(8),
  userdata: binary(13, { max: NFT_USERDATA_MAXLEN }),
  desc: nest(9, setDescAttributes),
  id: be32(10),
  expr: oneExpression(17),
  expressions: expressionList(18),
});
export const setMessage = message('set', nfgenmsg, setAttributes);
export type SetAttributes = AttributesOf<typeof setAttributes>;

// Elements.

export const NFT_SET_ELEM_INTERVAL_END = 0x1;
export const NFT_SET_ELEM_CATCHALL = 0x2;

export const elementAttributes = attributes('NFTA_SET_ELEM', {
  key: data(1),
  /** Of concatenated ranges: the last key. */
  keyEnd: data(10),
  data: data(2),
  expr: oneExpression(7),
  expressions: expressionList(11),
  objref: string(9),
  flags: be32(3),
  /** Milliseconds. */
  timeout: be64(4),
  /** Milliseconds that are left. */
  expiration: be64(5),
  userdata: binary(6, { max: NFT_USERDATA_MAXLEN }),
});
export type ElementAttributes = AttributesOf<typeof elementAttributes>;

export const elementListAttributes = attributes('NFTA_SET_ELEM_LIST', {
  table: string(1),
  set: string(2),
  elements: list(3, nest(1, elementAttributes)),
  setId: be32(4),
});
export const elementListMessage = message('set element', nfgenmsg, elementListAttributes);
/** The same without the elements, which are read one by one. */
export const elementHeadMessage = message(
  'set element',
  nfgenmsg,
  attributes('NFTA_SET_ELEM_LIST', {
    table: elementListAttributes.shape.table,
    set: elementListAttributes.shape.set,
    setId: elementListAttributes.shape.setId,
  }),
);

// Objects.

export const objectMessage = message('object', nfgenmsg, objectAttributes);

// Flowtables.

export const NFT_FLOWTABLE_HW_OFFLOAD = 0x1;
export const NFT_FLOWTABLE_COUNTER = 0x2;

export const flowtableHookAttributes = attributes('NFTA_FLOWTABLE_HOOK', {
  num: be32(1),
  priority: signed(2),
  devs: devices(3),
});

export const flowtableAttributes = attributes('NFTA_FLOWTABLE', {
  table: string(1),
  name: string(2),
  use: be32(4),
  handle: be64(5),
  flags: be32(7),
  hook: nest(3, flowtableHookAttributes),
});
export const flowtableMessage = message('flowtable', nfgenmsg, flowtableAttributes);

// The generation of the ruleset.

export const genAttributes = attributes('NFTA_GEN', { id: be32(1), procPid: be32(2), procName: string(3) });
export const genMessage = message('generation', nfgenmsg, genAttributes);

// Traces of packets.

export const NFT_TRACETYPE_POLICY = 1;
export const NFT_TRACETYPE_RETURN = 2;
export const NFT_TRACETYPE_RULE = 3;

export const traceAttributes = attributes('NFTA_TRACE', {
  nfproto: be32(15),
  type: be32(4),
  id: be32(6),
  chain: string(2),
  table: string(1),
  ruleHandle: be64(3),
  verdict: nest(5, verdictAttributes),
  iif: be32(10),
  iiftype: be16(11),
  oif: be32(12),
  oiftype: be16(13),
  mark: be32(14),
  policy: be32(16),
  llHeader: binary(7),
  networkHeader: binary(8),
  transportHeader: binary(9),
});
export const traceMessage = message('trace', nfgenmsg, traceAttributes);
export type TraceAttributes = AttributesOf<typeof traceAttributes>;
