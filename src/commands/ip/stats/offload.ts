import type { StatsAttributes } from '../../../netlink/rtnl/stats.js';
import type { IpContext } from '../context.js';
import { humanCount, printStatistics } from '../link/statistics.js';

type HardwareInfo = { readonly request?: number | undefined; readonly used?: number | undefined };

/** Whether statistics were asked of the hardware, and whether it keeps them. */
function printInfo({ out }: IpContext, key: string, info: HardwareInfo): void {
  out.openObject(key);
  if (info.request !== undefined) out.field('request', info.request !== 0, ` ${info.request !== 0 ? 'on' : 'off'}`);
  if (info.used !== undefined) out.field('used', info.used !== 0, ` used ${info.used !== 0 ? 'on' : 'off'}`);
  out.closeObject();
}

/** Packets that took the slow way past the hardware; only drivers that offload count them. */
export function printCpuHit(context: IpContext, { offload }: StatsAttributes): void {
  context.out.newLine();
  if (offload?.cpuHit !== undefined) printStatistics(context, { stats64: offload.cpuHit }, context.options.stats + 1);
  context.out.newLine();
}

export function printHardwareInfo(context: IpContext, { offload }: StatsAttributes): void {
  const { out } = context;
  const info = offload?.hwInfo?.l3Stats;
  out.newLine();
  if (info === undefined) return;
  out.openObject('info');
  out.text('    l3_stats');
  printInfo(context, 'l3_stats', info);
  out.closeObject();
  out.newLine();
}

/** Widths that the heads of the columns need: bytes, packets, errors, dropped, mcast. */
const LEAST = [9, 7, 6, 7, 7];

export function printL3Stats(context: IpContext, { offload }: StatsAttributes): void {
  const { out, options } = context;
  const info = offload?.hwInfo?.l3Stats;
  if (info !== undefined) printInfo(context, 'info', info);
  out.newLine();
  const stats = offload?.l3Stats;
  if (stats === undefined) return;
  const directions = [
    ['RX', [stats.rxBytes, stats.rxPackets, stats.rxErrors, stats.rxDropped, stats.multicast]],
    ['TX', [stats.txBytes, stats.txPackets, stats.txErrors, stats.txDropped]],
  ] as const;
  const names = ['bytes', 'packets', 'errors', 'dropped', 'mcast'];
  out.openObject('stats64');
  for (const [direction, counts] of directions) {
    out.openObject(direction.toLowerCase());
    for (const [column, count] of counts.entries()) out.json(column === 4 ? 'multicast' : names[column]!, count);
    out.closeObject();
  }
  out.closeObject();
  const widths = LEAST.map((least, column) => Math.max(least, ...directions.map(([, counts]) => String(counts[column] ?? 0).length)));
  for (const [direction, counts] of directions) {
    const head = names.slice(0, counts.length).map((name, column) => name.padStart(column === 0 ? widths[0]! - 4 : widths[column]!));
    out.text(`    ${direction}: ${head.join(' ')}`);
    out.newLine();
    const shown = counts.map(
      (count, column) => `${(options.human ? humanCount(count, options.iec) : String(count)).padStart(widths[column]!)} `,
    );
    out.text(`    ${shown.join('')}`);
    out.newLine();
  }
}
