import * as wire from '../../../netlink/nfnl/nf-tables.js';
import type * as ast from '../ast.js';
import type { Command } from '../command.js';
import { fail } from '../errors.js';
import { Evaluation } from '../evaluate/evaluation.js';
import { intervalsOf, wireElements } from '../linearise/elements.js';
import type { TableState } from '../ruleset/ruleset.js';
import type { Changes } from './changes.js';

/** Elements of sets that are there already. */

export async function addElements(changes: Changes, command: Command, flags: number): Promise<void> {
  const table = changes.known(command);
  const set = table.set(command.name!.text) ?? changes.noSet(command);
  const evaluation = new Evaluation(changes.view(command, table));
  const elements = evaluation.sets.namedElements(set, command.elements!);
  const interval = (set.flags & wire.NFT_SET_INTERVAL) !== 0 && set.keyType.parts === undefined;
  if (!interval) return changes.sendElements(command, set, wireElements(set, elements, []), flags, wire.NFT_MSG_NEWSETELEM);
  if (set.elements === undefined) await changes.kernel.loadElements(table, set);
  const there = intervalsOf(set, set.elements!);
  const fresh = intervalsOf(set, elements);
  if (set.autoMerge === true) return mergeElements(changes, command, set, there, fresh, elements, flags);
  for (const interval of fresh) {
    const clash = there.find(
      (other) => other.low <= interval.high && interval.low <= other.high && !(other.low === interval.low && other.high === interval.high),
    );
    if (clash !== undefined) return fail('interval overlaps with an existing one', interval.element.loc);
  }
  changes.sendElements(command, set, wireElements(set, elements, there), flags, wire.NFT_MSG_NEWSETELEM);
  set.elements = { ...elements, elements: [...set.elements!.elements, ...elements.elements] };
}

/** Of auto-merge: intervals that new ones touch go, and come again joined. */
function mergeElements(
  changes: Changes,
  command: Command,
  set: ast.SetDecl,
  there: readonly { low: bigint; high: bigint; element: ast.ElementExpr }[],
  fresh: readonly { low: bigint; high: bigint; element: ast.ElementExpr }[],
  elements: ast.SetExpr,
  flags: number,
): void {
  const touched = there.filter((old) => fresh.some((one) => one.low <= old.high + 1n && old.low <= one.high + 1n));
  const covered = touched.filter((old) => !fresh.some((one) => one.low === old.low && one.high === old.high && touched.length === 1));
  const literal = (items: readonly { element: ast.ElementExpr }[]): ast.SetExpr => ({
    ...command.elements!,
    elements: items.map(({ element }) => element),
  });
  const kept = there.filter((old) => !touched.includes(old));
  if (covered.length > 0)
    changes.sendElements(
      command,
      set,
      wireElements({ ...set, autoMerge: false }, literal(covered), there, true),
      0,
      wire.NFT_MSG_DELSETELEM,
    );
  const all = { ...elements, elements: [...touched.map(({ element }) => element), ...elements.elements] };
  changes.sendElements(command, set, wireElements(set, all, kept), flags, wire.NFT_MSG_NEWSETELEM);
  set.elements = { ...all, elements: [...kept.map(({ element }) => element), ...all.elements] };
}

export async function removeElements(changes: Changes, command: Command): Promise<void> {
  const state = changes.known(command);
  const set = state.set(command.name!.text) ?? changes.noSet(command);
  const elements = new Evaluation(changes.view(command, state)).sets.namedElements(set, command.elements!);
  await takeIntervals(changes, state, set, elements);
  changes.sendElements(command, set, wireElements({ ...set, autoMerge: false }, elements, [], true), 0, wire.NFT_MSG_DELSETELEM);
}

/** Of intervals only whole ones can be taken away. */
async function takeIntervals(changes: Changes, table: TableState, set: ast.SetDecl, elements: ast.SetExpr): Promise<void> {
  if ((set.flags & wire.NFT_SET_INTERVAL) === 0 || set.keyType.parts !== undefined) return;
  if (set.elements === undefined) await changes.kernel.loadElements(table, set);
  const there = new Map(intervalsOf(set, set.elements!).map((interval) => [`${interval.low}-${interval.high}`, interval.element]));
  const gone = new Set<ast.ElementExpr>();
  for (const { low, high, element } of intervalsOf(set, elements))
    gone.add(there.get(`${low}-${high}`) ?? fail('element does not exist', element.loc));
  set.elements = { ...set.elements!, elements: set.elements!.elements.filter((element) => !gone.has(element)) };
}
