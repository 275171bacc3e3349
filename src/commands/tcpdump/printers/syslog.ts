// Syslog, RFC 3164.
import type { Dissector } from '../dissector.js';
import type { PortPrinter } from './registry-types.js';

const severities = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const;
const facilities = [
  ['kernel', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp', 'ntp', 'security'],
  ['console', 'cron', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
].flat();
const OPEN = 0x3c;
const CLOSE = 0x3e;
const DIGITS = 3;

function syslog(d: Dissector, at: number, length: number): void {
  d.protocol = 'syslog';
  if (d.u8(at) !== OPEN) return d.invalid();
  let offset = 1;
  let priority = 0;
  for (; offset <= DIGITS; offset++) {
    const digit = d.u8(at + offset) - 0x30;
    if (digit < 0 || digit > 9) break;
    priority = priority * 10 + digit;
  }
  if (d.u8(at + offset) !== CLOSE) return d.invalid();
  offset++;
  const facility = (priority & 0x3f8) >>> 3;
  const severity = severities[priority & 7]!;
  const name = facilities[facility] ?? `unknown (${facility})`;
  const { verbose } = d.options;
  if (verbose === 0) return d.put(`SYSLOG ${name}.${severity}, length: ${length}`);
  d.put(`SYSLOG, length: ${length}\n\tFacility ${name} (${facility}), Severity ${severity} (${priority & 7})\n\tMsg: `);
  if (length > offset) d.chars(at + offset, length - offset);
  if (verbose > 1) d.unknown(at, '\n\t', length);
}

export const syslogPort: PortPrinter = { ports: [514], print: syslog };
