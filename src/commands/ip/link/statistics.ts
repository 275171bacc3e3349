import type { LinkAttributes } from '../../../netlink/rtnl/link/link.js';
import type { IpContext } from '../context.js';

type Counters = NonNullable<LinkAttributes['stats64'] | LinkAttributes['stats']>;

/** A count with -human: "1.46k", with -iec "1.43ki"; three digits that matter. */
export function humanCount(count: number, iec: boolean): string {
  const base = iec ? 1024 : 1000;
  if (count < base) return String(count);
  let unit = base;
  let suffix = 0;
  while (count / base >= unit && suffix < 5) {
    unit *= base;
    suffix++;
  }
  const whole = Math.floor(count / unit);
  const digits = whole < 10 ? 2 : whole < 100 ? 1 : 0;
  return `${(count / unit).toFixed(digits)}${'kMGTPE'[suffix]}${iec ? 'i' : ''}`;
}

/** Widths that the heads of the columns need at least: bytes, packets, errors, dropped, missed, mcast, compressed. */
const LEAST = [10, 7, 6, 7, 7, 7, 10];

/** The counters of a device: -s the usual ones, -s -s the kinds of errors as well. */
export function printStatistics(context: IpContext, attributes: LinkAttributes, verbosity: number): void {
  const counters: Counters | undefined = attributes.stats64 ?? attributes.stats;
  if (counters === undefined) return;
  if (context.out.isJson) printJson(context, counters, attributes, verbosity);
  else printTable(context, counters, attributes, verbosity);
}

function printTable(context: IpContext, c: Counters, attributes: LinkAttributes, verbosity: number): void {
  const { out, options } = context;
  const rx = [c.rxBytes, c.rxPackets, c.rxErrors, c.rxDropped, c.rxMissedErrors, c.multicast, c.rxCompressed];
  const rxErrors = [0, c.rxLengthErrors, c.rxCrcErrors, c.rxFrameErrors, c.rxFifoErrors, c.rxOverErrors, c.rxNohandler];
  const tx = [c.txBytes, c.txPackets, c.txErrors, c.txDropped, c.txCarrierErrors, c.collisions, c.txCompressed];
  const changes = attributes.carrierChanges;
  const txErrors = [0, c.txAbortedErrors, c.txFifoErrors, c.txWindowErrors, c.txHeartbeatErrors, changes ?? 0];
  const rows = verbosity > 1 ? [rx, rxErrors, tx, txErrors] : [rx, tx];
  const width = LEAST.map((least, column) => Math.max(least, ...rows.map((row) => String(row[column] ?? 0).length)));
  const pad = (text: string, column: number, less = 0) => text.padStart(width[column]! - less);
  const count = (value: number, column: number) => `${pad(options.human ? humanCount(value, options.iec) : String(value), column)} `;
  const head = (direction: string, words: readonly string[], last: string) => {
    out.text(`    ${direction}: ${pad('bytes', 0, 4)} ${words.map((word, index) => `${pad(word, index + 1)} `).join('')}${pad(last, 6)}`);
    out.newLine();
  };
  const values = (row: readonly number[], withLast: boolean) =>
    out.text(
      `    ${row
        .slice(0, withLast ? 7 : 6)
        .map(count)
        .join('')}`,
    );
  const errorHead = (direction: string, words: readonly string[], last: string) => {
    out.text(`    ${direction} errors:${words.map((word, index) => ` ${pad(word, index + 1)}`).join('')}${last}`);
    out.newLine();
  };
  const errorValues = (row: readonly number[], withLast: boolean) =>
    out.text(
      `    ${' '.repeat(width[0]!)} ${row
        .slice(1, withLast ? 7 : 6)
        .map((value, index) => count(value, index + 1))
        .join('')}`,
    );

  head('RX', ['packets', 'errors', 'dropped', 'missed', 'mcast'], c.rxCompressed ? 'compressed' : '');
  values(rx, c.rxCompressed > 0);
  if (verbosity > 1) {
    out.newLine();
    errorHead('RX', ['length', 'crc', 'frame', 'fifo', 'overrun'], c.rxNohandler ? ' nohandler' : '');
    errorValues(rxErrors, c.rxNohandler > 0);
  }
  out.newLine();
  head('TX', ['packets', 'errors', 'dropped', 'carrier', 'collsns'], c.txCompressed ? 'compressed' : '');
  values(tx, c.txCompressed > 0);
  if (verbosity > 1) {
    out.newLine();
    errorHead('TX', ['aborted', 'fifo', 'window', 'heartbt', changes === undefined ? '' : 'transns'], '');
    errorValues(changes === undefined ? txErrors.slice(0, 5) : txErrors, false);
  }
}

function printJson(context: IpContext, c: Counters, attributes: LinkAttributes, verbosity: number): void {
  const { out } = context;
  const object = (key: string, members: readonly (readonly [string, number | undefined | false])[]) => {
    out.openObject(key);
    for (const [name, value] of members) if (value !== undefined && value !== false) out.json(name, value);
    out.closeObject();
  };
  const more = verbosity > 1;
  out.openObject(attributes.stats64 === undefined ? 'stats' : 'stats64');
  object('rx', [
    ['bytes', c.rxBytes],
    ['packets', c.rxPackets],
    ['errors', c.rxErrors],
    ['dropped', c.rxDropped],
    ['over_errors', c.rxOverErrors],
    ['multicast', c.multicast],
    ['compressed', c.rxCompressed > 0 && c.rxCompressed],
    ['length_errors', more && c.rxLengthErrors],
    ['crc_errors', more && c.rxCrcErrors],
    ['frame_errors', more && c.rxFrameErrors],
    ['fifo_errors', more && c.rxFifoErrors],
    ['missed_errors', more && c.rxMissedErrors],
    ['nohandler', more && c.rxNohandler > 0 && c.rxNohandler],
  ]);
  object('tx', [
    ['bytes', c.txBytes],
    ['packets', c.txPackets],
    ['errors', c.txErrors],
    ['dropped', c.txDropped],
    ['carrier_errors', c.txCarrierErrors],
    ['collisions', c.collisions],
    ['compressed', c.txCompressed > 0 && c.txCompressed],
    ['aborted_errors', more && c.txAbortedErrors],
    ['fifo_errors', more && c.txFifoErrors],
    ['window_errors', more && c.txWindowErrors],
    ['heartbeat_errors', more && c.txHeartbeatErrors],
    ['carrier_changes', more && attributes.carrierChanges],
  ]);
  out.closeObject();
}
