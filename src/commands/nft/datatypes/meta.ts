import { bitmaskType, integerKind, integerType } from './basic.js';
import { type Datatype, jsonNumber, type NameFile, parseInteger, TypeProblem } from './datatype.js';
import { symbolicType, symbolTable } from './inet.js';

/** What the stack knows of packets: devices, marks, owners, classes, times. */

const hex8 = (value: bigint) => `0x${value.toString(16).padStart(8, '0')}`;

export const nfProtoType = symbolicType(2, 'nf_proto', 'netfilter protocol', 8, 'host', symbolTable(10, 'ipv4=2 ipv6=10'));

/** Numbers that a file of /etc/iproute2 gives names. */
function namedNumber(id: number, name: string, description: string, file: NameFile, format: (value: bigint) => string): Datatype {
  return {
    id,
    name,
    description,
    bits: 32,
    byteorder: 'host',
    base: integerType,
    format,
    parse(text, names) {
      const found = names.named(file, text);
      if (found !== undefined) return BigInt(found);
      const number = parseInteger(text);
      if (number === null) throw new TypeProblem(`Could not parse ${description}`);
      return number;
    },
    print(value, style) {
      const found = style.numericSymbol ? undefined : style.names.nameOf(file, Number(value));
      return found === undefined ? format(value) : `"${found}"`;
    },
    json: (value, style) => (style.numericSymbol ? undefined : style.names.nameOf(file, Number(value))) ?? jsonNumber(value),
  };
}

export const markType: Datatype = {
  ...namedNumber(19, 'mark', 'packet mark', 'rt_marks', hex8),
  prefix: true,
  print: (value, style) => (style.numericSymbol ? undefined : style.names.nameOf('rt_marks', Number(value))) ?? hex8(value),
};
export const realmType: Datatype = {
  ...namedNumber(22, 'realm', 'routing realm', 'rt_realms', (value) => value.toString()),
  json: (value, style) => (style.numericSymbol ? undefined : style.names.nameOf('rt_realms', Number(value))) ?? value.toString(),
};
export const devgroupType = namedNumber(35, 'devgroup', 'devgroup name', 'group', (value) => value.toString());

export const ifindexType: Datatype = {
  id: 20,
  name: 'iface_index',
  description: 'network interface index',
  bits: 32,
  byteorder: 'host',
  base: integerType,
  parse(text, names) {
    const index = names.interfaceIndex(text);
    if (index !== undefined) return BigInt(index);
    const number = parseInteger(text);
    if (number === null) throw new TypeProblem('Interface does not exist');
    return number;
  },
  print(value, style) {
    const name = style.names.interfaceName(Number(value));
    return name === undefined ? value.toString() : `"${name}"`;
  },
  json: (value, style) => style.names.interfaceName(Number(value)) ?? value.toString(),
};

// biome-ignore format: a table
export const arphrdType: Datatype = { ...symbolicType(21, 'iface_type', 'network interface type', 16, 'host', symbolTable(16,
  'ether=1 ppp=512 ipip=768 ipip6=769 loopback=772 sit=776 ipgre=778')) };

export const classidType: Datatype = {
  id: 23,
  name: 'classid',
  description: 'TC classid',
  bits: 32,
  byteorder: 'host',
  base: integerType,
  parse(text) {
    if (text === 'none') return 0n;
    if (text === 'root') return 0xffff_ffffn;
    const parts = /^([0-9a-fA-F]{1,4}):([0-9a-fA-F]{0,4})$/.exec(text);
    if (parts !== null) return (BigInt(`0x${parts[1]}`) << 16n) | BigInt(`0x${parts[2] || '0'}`);
    const number = parseInteger(text);
    if (number === null) throw new TypeProblem('Could not parse TC classid');
    return number;
  },
  print: classidText,
  json: classidText,
};

function classidText(value: bigint): string {
  if (value === 0n) return 'none';
  if (value === 0xffff_ffffn) return 'root';
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

function ownerType(id: number, name: string, description: string, what: 'user' | 'group'): Datatype {
  const byName = what === 'user' ? 'userId' : 'groupId';
  const byId = what === 'user' ? 'userName' : 'groupName';
  return {
    id,
    name,
    description,
    bits: 32,
    byteorder: 'host',
    base: integerType,
    parse(text, names) {
      const found = names[byName](text);
      if (found !== undefined) return BigInt(found);
      const number = parseInteger(text);
      if (number === null || number > 0xffff_ffffn) throw new TypeProblem(`${what === 'user' ? 'User' : 'Group'} does not exist`);
      return number;
    },
    print(value, style) {
      const found = style.guid ? style.names[byId](Number(value)) : undefined;
      return found === undefined ? value.toString() : `"${found}"`;
    },
    json: (value, style) => (style.guid ? style.names[byId](Number(value)) : undefined) ?? jsonNumber(value),
  };
}

export const uidType = ownerType(24, 'uid', 'user ID', 'user');
export const gidType = ownerType(25, 'gid', 'group ID', 'group');

// biome-ignore format: a table
export const pktTypeType = symbolicType(31, 'pkt_type', 'packet type', 8, 'host', symbolTable(10,
  'host=0 unicast=0 broadcast=1 multicast=2 other=3'));

// biome-ignore format: a table
export const fibAddrType = symbolicType(38, 'fib_addrtype', 'fib address type', 32, 'host', symbolTable(10,
  'unspec=0 unicast=1 local=2 broadcast=3 anycast=4 multicast=5 blackhole=6 unreachable=7 prohibit=8'));

export const booleanType: Datatype = {
  id: 39,
  name: 'boolean',
  description: 'boolean type',
  bits: 1,
  byteorder: 'host',
  base: integerType,
  symbols: symbolTable(10, 'exists=1 missing=0'),
  json: (value) => value !== 0n,
};

export const cgroupv2Type: Datatype = {
  id: 46,
  name: 'cgroupsv2',
  description: 'cgroupsv2 path',
  bits: 64,
  byteorder: 'host',
  base: integerType,
  parse(text, names) {
    const id = names.cgroupId(text);
    if (id === undefined) throw new TypeProblem('cgroupv2 path fails: No such file or directory');
    return id;
  },
  print(value, style) {
    const path = style.names.cgroupPath(value);
    return path === undefined ? value.toString() : `"${path}"`;
  },
  json: (value, style) => style.names.cgroupPath(value) ?? jsonNumber(value),
};

/** For types of flags that lists show: the names of the bits that are set. */
export const isBitmask = (type: Datatype): boolean => type.base === bitmaskType;

export const integer32Host = integerKind({ ...integerType, bits: 32, byteorder: 'host' });
