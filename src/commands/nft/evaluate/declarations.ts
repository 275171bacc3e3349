import * as wire from '../../../netlink/nfnl/nf-tables.js';
import type * as ast from '../ast.js';
import { integerType, invalidType, verdictType } from '../datatypes/basic.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import { fail } from '../errors.js';
import { hookNumber } from '../hooks.js';
import type { Location } from '../location.js';
import { priorityValue } from '../priority.js';
import type { Evaluation } from './evaluation.js';

/** Declarations made complete: priorities as numbers, devices as names, types of sets. */

function deviceNames(devices: readonly ast.Expr[]): string[] {
  return devices.flatMap((e): string[] => {
    if (e.kind === 'symbol') return [e.text];
    if (e.kind === 'set') return deviceNames(e.elements.map((element) => element.key));
    return fail('invalid device expression', e.loc);
  });
}

function priorityOf(e: ast.Expr, family: ast.Family, hook: string): number {
  const text = e.kind === 'symbol' ? e.text : e.kind === 'value' ? String(e.value) : '';
  return priorityValue(text, family, hook) ?? fail('invalid priority expression value in this context.', e.loc);
}

export function completeChain(chain: ast.ChainDecl, family: ast.Family): void {
  const { hook } = chain;
  if (hook === undefined) return;
  hook.priorityValue = priorityOf(hook.priority, family, hook.hook);
  hook.deviceNames = deviceNames(hook.devices);
  if (hookNumber(family, hook.hook) === undefined) fail(`The ${family} family does not support this hook`, hook.hookLoc);
  if (family === 'netdev' || (family === 'inet' && hook.hook === 'ingress')) {
    if (hook.deviceNames.length === 0) fail("Missing `device' in this chain definition", hook.loc);
  } else if (hook.deviceNames.length > 0) fail(`This chain type cannot be bound to device`, hook.loc);
}

export function completeFlowtable(flowtable: ast.FlowtableDecl, family: ast.Family): void {
  flowtable.deviceNames = deviceNames(flowtable.devices);
  if (flowtable.priority !== undefined) flowtable.priorityValue = priorityOf(flowtable.priority, family, 'ingress');
  if (flowtable.hook !== undefined && flowtable.hook !== 'ingress') fail(`invalid hook ${flowtable.hook}`, flowtable.loc);
  if (flowtable.priority === undefined && flowtable.hook === undefined)
    fail('missing hook and priority in flowtable declaration', flowtable.loc);
}

/** What objects must say; nft points at the end of their names. */
export function completeObject(object: ast.ObjectDecl, name: Location): void {
  const e = object.expectation;
  if (e !== undefined && (e.protocol === 0 || e.dport === 0 || e.timeout === 0 || e.size === 0))
    fail('missing options', { ...name, start: name.end - 1 });
}

const orderOf = (type: Datatype): ByteOrder => {
  if (type.parts !== undefined) return 'none';
  return type.byteorder === 'none' ? 'big' : type.byteorder;
};

export function completeSet(set: ast.SetDecl, evaluation: Evaluation): void {
  if (set.keyTypeof !== undefined) {
    const key = evaluation.typeOf(set.keyTypeof);
    set.keyTypeof = key.shown;
    set.keyType = key.expr.type;
    set.keyBits = key.bits;
    set.keyByteorder = key.expr.kind === 'concat' ? 'none' : key.expr.byteorder;
    if (key.expr.kind === 'concat') set.keyParts = key.expr.parts;
  } else {
    if (set.keyType === invalidType) fail('set definition does not specify key', set.loc);
    set.keyBits = set.keyType.bits;
    set.keyByteorder = orderOf(set.keyType);
    if (set.keyBits === 0)
      fail(
        `unqualified type ${set.keyType.name} specified in ${(set.flags & (wire.NFT_SET_MAP | wire.NFT_SET_OBJECT)) === 0 ? 'set' : 'map'} definition. Try "typeof expression" instead of "type datatype".`,
        set.loc,
      );
  }
  if (set.keyType.parts !== undefined && (set.flags & wire.NFT_SET_INTERVAL) !== 0) set.flags |= wire.NFT_SET_CONCAT;
  if ((set.flags & wire.NFT_SET_INTERVAL) !== 0 && set.keyByteorder === 'host' && set.keyBits > 8 && set.keyType.name !== 'ifname')
    set.keyByteorder = 'big';
  if (set.dataTypeof !== undefined) {
    const data = evaluation.typeOf(set.dataTypeof);
    set.dataTypeof = data.shown;
    set.dataType = data.expr.type;
    set.dataBits = data.bits;
    set.dataByteorder = data.expr.kind === 'concat' ? 'none' : data.expr.byteorder;
  } else if (set.dataType !== undefined) {
    set.dataBits = set.dataType.bits;
    set.dataByteorder = orderOf(set.dataType);
    if (set.dataBits === 0 && set.dataType !== verdictType && set.dataType !== integerType)
      fail('unqualified mapping data type specified in map definition', set.loc);
  }
  const isMap = (set.flags & (wire.NFT_SET_MAP | wire.NFT_SET_OBJECT)) !== 0;
  if (isMap && set.dataType === undefined && set.objectType === undefined)
    fail('map definition does not specify mapping data type', set.loc);
  if (set.objectType !== undefined) set.flags = (set.flags & ~wire.NFT_SET_MAP) | wire.NFT_SET_OBJECT;
  // Sets that packets fill have a limit.
  if ((set.flags & wire.NFT_SET_EVAL) !== 0 && set.size === undefined) set.size = 65535;
}
