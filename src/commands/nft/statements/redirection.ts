import * as dupWire from '../../../netlink/nfnl/expressions/dup.js';
import * as fwdWire from '../../../netlink/nfnl/expressions/fwd.js';
import * as flowWire from '../../../netlink/nfnl/expressions/flow-offload.js';
import * as tproxyWire from '../../../netlink/nfnl/expressions/tproxy.js';
import { NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_UNSPEC } from '../../../netlink/nfnl/nfnetlink.js';
import type { DupStatement, FlowStatement, FwdStatement, TproxyStatement } from '../ast.js';
import { ipv4AddressType, ipv6AddressType } from '../datatypes/address.js';
import type { JsonValue } from '../datatypes/datatype.js';
import { inetServiceType } from '../datatypes/inet.js';
import { ifindexType } from '../datatypes/meta.js';
import { fail } from '../errors.js';
import { NETWORK } from '../protocols/protocol.js';
import { ip, ip6 } from '../protocols/network.js';
import type { StatementKind } from './statement.js';

/** Statements that send packets another way: tproxy, dup, fwd, flow. */

const addressType = (family: 'ip' | 'ip6' | undefined) => (family === 'ip6' ? ipv6AddressType : ipv4AddressType);
const nfproto = (family: 'ip' | 'ip6' | undefined) => {
  if (family === undefined) return NFPROTO_UNSPEC;
  return family === 'ip6' ? NFPROTO_IPV6 : NFPROTO_IPV4;
};

export const tproxy: StatementKind<TproxyStatement> = {
  kind: 'tproxy',
  words: ['tproxy'],
  parse(p, word) {
    const family = p.acceptWord('ip', 'ip6');
    p.expectWord('to', ...(family === null ? ['ip', 'ip6'] : []));
    const s: TproxyStatement = { kind: 'tproxy', loc: word.loc, ...(family === null ? {} : { family: family.text as 'ip' | 'ip6' }) };
    if (!p.isSign(':')) s.address = p.argument();
    if (p.acceptSign(':')) s.port = p.argument();
    s.loc = p.since(word.loc);
    return s;
  },
  evaluate(s, context) {
    if (!context.protocols.hasTransport) fail('Transparent proxy support requires transport protocol match', s.loc);
    if (context.family === 'ip' || context.family === 'ip6') {
      if (s.family !== undefined && s.family !== context.family)
        fail(
          `conflicting protocols specified: ${context.family} vs. ${s.family}. You must specify ip or ip6 family in tproxy statement`,
          s.loc,
        );
      s.family = context.family;
    } else if (context.family !== 'inet') fail('tproxy is only supported in ip, ip6 and inet', s.loc);
    if (s.address !== undefined) {
      if (s.family === undefined) {
        const network = context.protocols.at(NETWORK);
        if (network === ip) s.family = 'ip';
        else if (network === ip6) s.family = 'ip6';
        else fail('ip or ip6 must be specified with address for inet tables.', s.loc);
      }
      if (s.address.kind === 'range') fail('Address ranges are not supported for tproxy.', s.address.loc);
      s.address = context.argument(s, s.address, addressType(s.family), addressType(s.family).bits, 'big');
    }
    const network = context.protocols.at(NETWORK);
    if (context.family === 'inet' && s.family !== undefined && network !== undefined && network.name !== s.family)
      fail(
        `conflicting protocols specified: ${network.name} vs. ${s.family}. You must specify ip or ip6 family in tproxy statement`,
        s.loc,
        context.protocols.locAt(NETWORK),
      );
    if (s.port !== undefined) {
      s.port = context.argument(s, s.port, inetServiceType, 16, 'big');
      if (s.port.kind === 'range') fail('Port ranges are not supported for tproxy.', s.loc);
    }
  },
  linearise(s, code) {
    const address = s.address === undefined ? undefined : code.loadNew(s.address);
    const port = s.port === undefined ? undefined : code.loadNew(s.port);
    if (s.port !== undefined) code.release(s.port.bits);
    if (s.address !== undefined) code.release(s.address.bits);
    code.emit(tproxyWire.tproxy, {
      family: nfproto(s.family),
      ...(address === undefined ? {} : { regAddr: address }),
      ...(port === undefined ? {} : { regPort: port }),
    });
  },
  print(s, show) {
    const six = s.family === 'ip6' && s.address !== undefined && s.address.kind !== 'map';
    const address = s.address === undefined ? '' : show.expr(s.address);
    const shown = six && s.port !== undefined ? `[${address}]` : address;
    return `tproxy ${s.shownFamily === true && s.family !== undefined ? `${s.family} ` : ''}to ${shown}${s.port === undefined ? '' : `:${show.expr(s.port)}`}`;
  },
  json: (s, show) => ({
    tproxy: {
      ...(s.shownFamily === true && s.family !== undefined ? { family: s.family } : {}),
      ...(s.address === undefined ? {} : { addr: show.exprJson(s.address) }),
      ...(s.port === undefined ? {} : { port: show.exprJson(s.port) }),
    },
  }),
  jsonNames: ['tproxy'],
  fromJson(_name, value, r) {
    const family = r.optionalString(value, 'family');
    return {
      kind: 'tproxy',
      loc: r.loc,
      ...(family === 'ip' || family === 'ip6' ? { family } : {}),
      ...(r.has(value, 'addr') ? { address: r.expression(r.member(value, 'addr')) } : {}),
      ...(r.has(value, 'port') ? { port: r.expression(r.member(value, 'port')) } : {}),
    };
  },
};

export const dup: StatementKind<DupStatement> = {
  kind: 'dup',
  words: ['dup'],
  parse(p, word) {
    p.expectWord('to');
    const s: DupStatement = { kind: 'dup', loc: word.loc, address: p.argument() };
    if (p.acceptWord('device')) s.device = p.argument();
    s.loc = p.since(word.loc);
    return s;
  },
  evaluate(s, context) {
    if (context.family === 'netdev') {
      if (s.device !== undefined) fail('cannot specify device', s.device.loc);
      s.device = context.argument(s, s.address!, ifindexType, 32, 'host');
      delete s.address;
      return;
    }
    if (context.family !== 'ip' && context.family !== 'ip6') fail('unsupported family', s.loc);
    const type = addressType(context.family as 'ip' | 'ip6');
    s.address = context.argument(s, s.address!, type, type.bits, 'big');
    if (s.device !== undefined) s.device = context.argument(s, s.device, ifindexType, 32, 'host');
  },
  linearise(s, code) {
    const address = s.address === undefined ? undefined : code.loadNew(s.address);
    const device = s.device === undefined ? undefined : code.loadNew(s.device);
    if (s.device !== undefined) code.release(s.device.bits);
    if (s.address !== undefined) code.release(s.address.bits);
    code.emit(dupWire.dup, {
      ...(address === undefined ? {} : { sregAddr: address }),
      ...(device === undefined ? {} : { sregDev: device }),
    });
  },
  print(s, show) {
    if (s.address === undefined) return `dup to ${show.expr(s.device!)}`;
    return `dup to ${show.expr(s.address)}${s.device === undefined ? '' : ` device ${show.expr(s.device)}`}`;
  },
  json(s, show) {
    if (s.address === undefined) return { dup: { addr: show.exprJson(s.device!) } };
    return { dup: { addr: show.exprJson(s.address), ...(s.device === undefined ? {} : { dev: show.exprJson(s.device) }) } };
  },
  jsonNames: ['dup'],
  fromJson: (_name, value, r) => ({
    kind: 'dup',
    loc: r.loc,
    address: r.expression(r.member(value, 'addr')),
    ...(r.has(value, 'dev') ? { device: r.expression(r.member(value, 'dev')) } : {}),
  }),
};

export const fwd: StatementKind<FwdStatement> = {
  kind: 'fwd',
  words: ['fwd'],
  parse(p, word) {
    const family = p.acceptWord('ip', 'ip6');
    if (!p.acceptWord('to')) return p.unexpected('to', ...(family === null ? ['ip', 'ip6'] : []));
    if (family === null) return { kind: 'fwd', device: p.argument(), loc: p.since(word.loc) };
    const address = p.argument();
    p.expectWord('device');
    const device = p.argument();
    return { kind: 'fwd', family: family.text as 'ip' | 'ip6', address, device, loc: p.since(word.loc) };
  },
  evaluate(s, context) {
    if (context.family !== 'netdev') fail('unsupported family', s.loc);
    s.device = context.argument(s, s.device, ifindexType, 32, 'host');
    if (s.address !== undefined) s.address = context.argument(s, s.address, addressType(s.family), addressType(s.family).bits, 'big');
  },
  linearise(s, code) {
    const device = code.loadNew(s.device);
    const address = s.address === undefined ? undefined : code.loadNew(s.address);
    if (s.address !== undefined) code.release(s.address.bits);
    code.release(s.device.bits);
    code.emit(fwdWire.fwd, {
      sregDev: device,
      ...(address === undefined ? {} : { sregAddr: address, nfproto: nfproto(s.family) }),
    });
  },
  print: (s, show) =>
    s.address === undefined ? `fwd to ${show.expr(s.device)}` : `fwd ${s.family} to ${show.expr(s.address)} device ${show.expr(s.device)}`,
  json: (s, show) => ({
    fwd: {
      dev: show.exprJson(s.device),
      ...(s.address === undefined ? {} : { addr: show.exprJson(s.address), family: s.family ?? 'ip' }),
    },
  }),
  jsonNames: ['fwd'],
  fromJson(_name, value, r) {
    const family = r.optionalString(value, 'family');
    return {
      kind: 'fwd',
      loc: r.loc,
      device: r.expression(r.member(value, 'dev')),
      ...(r.has(value, 'addr') ? { address: r.expression(r.member(value, 'addr')) } : {}),
      ...(family === 'ip' || family === 'ip6' ? { family } : {}),
    };
  },
};

export const flow: StatementKind<FlowStatement> = {
  kind: 'flow',
  words: ['flow'],
  parse(p, word) {
    p.expectWord('add', 'offload');
    p.expectSign('@');
    const name = p.take();
    return { kind: 'flow', table: name.text, loc: p.since(word.loc) };
  },
  linearise: (s, code) => code.emit(flowWire.flowOffload, { tableName: s.table }),
  print: (s) => `flow add @${s.table}`,
  json: (s): JsonValue => ({ flow: { op: 'add', flowtable: `@${s.table}` } }),
  jsonNames: ['flow'],
  fromJson(_name, value, r) {
    const name = r.string(r.member(value, 'flowtable'));
    return name.startsWith('@')
      ? { kind: 'flow', table: name.slice(1), loc: r.loc }
      : r.fail('Illegal flowtable reference in flow statement.');
  },
};
