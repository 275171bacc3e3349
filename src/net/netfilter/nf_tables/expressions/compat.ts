import { EINVAL, ENOENT } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as schema from '../../../../netlink/nfnl/expressions/compat.js';
import type { Extension, MatchRun, TargetRun } from '../../x_tables/extension.js';
import { Info } from '../../x_tables/extension.js';
import { findMatch, findTarget, hasRevision } from '../../x_tables/registry.js';
import type { BaseChain } from '../chain.js';
import { type ExpressionContext, expressionKind } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import type { Transaction } from '../transaction.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { ConntrackUser, inNamespace } from './conntrack-user.js';

interface Values {
  readonly name?: string | undefined;
  readonly rev?: number | undefined;
  readonly info?: Uint8Array | undefined;
}

/** An extension of x_tables in a rule of iptables-nft. Linux: nft_compat.c */
abstract class Compat<Run> extends ConntrackUser {
  constructor(
    readonly values: Values,
    readonly extension: Extension<Run>,
    protected readonly act: Run,
  ) {
    super();
  }

  override activate(transaction: Transaction): void {
    if (this.extension.conntrack === true) super.activate(transaction);
  }

  override deactivate(transaction: Transaction): void {
    if (this.extension.conntrack === true) super.deactivate(transaction);
  }

  override get mangles(): boolean {
    return this.extension.mangles === true;
  }

  override get startsTrace(): boolean {
    return this.extension.startsTrace === true;
  }

  override validate(base: BaseChain): void {
    this.extension.validate?.(base);
  }

  describe() {
    return { ...this.values };
  }
}

class CompatMatch extends Compat<MatchRun> {
  run(packet: PacketInfo): number {
    return this.act(packet) ? CONTINUE : BREAK;
  }
}

class CompatTarget extends Compat<TargetRun> {
  run(packet: PacketInfo): number {
    return this.act(packet);
  }
}

function init<Run>(values: Values, context: ExpressionContext, find: (name: string) => Extension<Run> | undefined): [Extension<Run>, Run] {
  const { name, rev, info } = values;
  if (name === undefined || rev === undefined || info === undefined) return fail(EINVAL);
  const extension = find(name) ?? fail(ENOENT);
  if (!hasRevision(extension, rev)) fail(ENOENT);
  if (info.length < extension.bytes[rev]!) fail(EINVAL);
  return [extension, extension.make(new Info(info), rev, { namespace: context.namespace, family: context.table.family })];
}

export const match = expressionKind(schema.match, (values, context) => {
  const [extension, act] = init(values, context, findMatch);
  return inNamespace(new CompatMatch(values, extension, act), context.namespace);
});

export const target = expressionKind(schema.target, (values, context) => {
  const [extension, act] = init(values, context, findTarget);
  return inNamespace(new CompatTarget(values, extension, act), context.namespace);
});
