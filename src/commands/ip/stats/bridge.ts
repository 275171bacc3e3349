import type { BridgeStats } from '../../../netlink/rtnl/stats.js';
import type { IpContext } from '../context.js';

type Count = readonly [name: string, value: number];

/** Where the lines of a suite begin. */
const INDENT = ' '.repeat(20);

const json = ({ out }: IpContext, key: string, counts: readonly Count[]): void => {
  out.openObject(key);
  for (const [name, value] of counts) out.json(name, value);
  out.closeObject();
};

/** Counts of messages by version: "IGMP queries:", then a line received and a line sent. */
function printVersions(context: IpContext, title: string, key: string, received: readonly number[], sent: readonly number[]): void {
  const { out } = context;
  const named = (direction: string, counts: readonly number[]): Count[] => counts.map((n, i) => [`${direction}_v${i + 1}`, n]);
  const line = (direction: string, counts: readonly number[]) => {
    out.text(`${INDENT}  ${direction}: ${counts.map((n, i) => `v${i + 1} ${n}`).join(' ')}`);
    out.newLine();
  };
  json(context, key, [...named('rx', received), ...named('tx', sent)]);
  out.text(`${INDENT}${title}:`);
  out.newLine();
  line('RX', received);
  line('TX', sent);
}

function printLeaves(context: IpContext, title: string, key: string, rx: number, tx: number): void {
  json(context, key, [
    ['rx', rx],
    ['tx', tx],
  ]);
  context.out.text(`${INDENT}${title}: RX: ${rx} TX: ${tx}`);
  context.out.newLine();
}

function printErrors({ out }: IpContext, title: string, key: string, count: number): void {
  out.field(key, count, `${INDENT}${title}: ${count}`);
  out.newLine();
}

/** What a bridge or port counted of IGMP and MLD. */
export function printMulticast(context: IpContext, { multicast: c }: BridgeStats): void {
  if (c === undefined) return;
  context.out.openObject('multicast');
  const igmpQueriesTx = [c.igmpV1QueriesTx, c.igmpV2QueriesTx, c.igmpV3QueriesTx];
  printVersions(context, 'IGMP queries', 'igmp_queries', [c.igmpV1QueriesRx, c.igmpV2QueriesRx, c.igmpV3QueriesRx], igmpQueriesTx);
  const igmpReportsTx = [c.igmpV1ReportsTx, c.igmpV2ReportsTx, c.igmpV3ReportsTx];
  printVersions(context, 'IGMP reports', 'igmp_reports', [c.igmpV1ReportsRx, c.igmpV2ReportsRx, c.igmpV3ReportsRx], igmpReportsTx);
  printLeaves(context, 'IGMP leaves', 'igmp_leaves', c.igmpLeavesRx, c.igmpLeavesTx);
  printErrors(context, 'IGMP parse errors', 'igmp_parse_errors', c.igmpParseErrors);
  printVersions(context, 'MLD queries', 'mld_queries', [c.mldV1QueriesRx, c.mldV2QueriesRx], [c.mldV1QueriesTx, c.mldV2QueriesTx]);
  printVersions(context, 'MLD reports', 'mld_reports', [c.mldV1ReportsRx, c.mldV2ReportsRx], [c.mldV1ReportsTx, c.mldV2ReportsTx]);
  printLeaves(context, 'MLD leaves', 'mld_leaves', c.mldLeavesRx, c.mldLeavesTx);
  printErrors(context, 'MLD parse errors', 'mld_parse_errors', c.mldParseErrors);
  context.out.closeObject();
}

/** What a port counted of the spanning tree. */
export function printStp(context: IpContext, { stp }: BridgeStats): void {
  if (stp === undefined) return;
  const { out } = context;
  json(context, 'stp', [
    ['rx_bpdu', stp.rxBpdu],
    ['tx_bpdu', stp.txBpdu],
    ['rx_tcn', stp.rxTcn],
    ['tx_tcn', stp.txTcn],
    ['transition_blk', stp.transitionBlocking],
    ['transition_fwd', stp.transitionForwarding],
  ]);
  for (const line of [
    `STP BPDU:  RX: ${stp.rxBpdu} TX: ${stp.txBpdu}`,
    `STP TCN:   RX: ${stp.rxTcn} TX: ${stp.txTcn}`,
    `STP Transitions: Blocked: ${stp.transitionBlocking} Forwarding: ${stp.transitionForwarding}`,
  ]) {
    out.text(`${INDENT}${line}`);
    out.newLine();
  }
}
