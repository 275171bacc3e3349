// Telnet (RFC 854): the commands at the start of a segment.
import type { Dissector } from '../dissector.js';
import type { PortPrinter } from './registry-types.js';

const IAC = 255;
const FIRST_COMMAND = 236;
const SE = 240;
const SB = 250;
const WILL = 251;
const AUTHENTICATION = 37;
const ENCRYPT = 38;

const commands = 'EOF SUSP ABORT EOR SE NOP DMARK BRK IP AO AYT EC EL GA SB WILL WONT DO DONT IAC'.split(' ');
const options = [
  ...['BINARY', 'ECHO', 'RCP', 'SUPPRESS GO AHEAD', 'NAME', 'STATUS', 'TIMING MARK', 'RCTE', 'NAOL', 'NAOP', 'NAOCRD', 'NAOHTS'],
  ...['NAOHTD', 'NAOFFD', 'NAOVTS', 'NAOVTD', 'NAOLFD', 'EXTEND ASCII', 'LOGOUT', 'BYTE MACRO', 'DATA ENTRY TERMINAL', 'SUPDUP'],
  ...['SUPDUP OUTPUT', 'SEND LOCATION', 'TERMINAL TYPE', 'END OF RECORD', 'TACACS UID', 'OUTPUT MARKING', 'TTYLOC', '3270 REGIME'],
  ...['X.3 PAD', 'NAWS', 'TSPEED', 'LFLOW', 'LINEMODE', 'XDISPLOC', 'OLD-ENVIRON', 'AUTHENTICATION', 'ENCRYPT', 'NEW-ENVIRON'],
];
/** Words of the first two bytes of a subnegotiation: RFC 2941 and 2946, else those of RFC 1091. */
const authentication = [
  ['IS', 'SEND', 'REPLY', 'NAME'],
  [
    ...['NULL', 'KERBEROS_V4', 'KERBEROS_V5', 'SPX', 'MINK', 'SRP', 'RSA', 'SSL', undefined, undefined, 'LOKI', 'SSA', 'KEA_SJ'],
    ...['KEA_SJ_INTEG', 'DSS', 'NTLM'],
  ],
];
const encryption = [
  ['IS', 'SUPPORT', 'REPLY', 'START', 'END', 'REQUEST-START', 'REQUEST-END', 'END_KEYID', 'DEC_KEYID'],
  [
    ...['NULL', 'DES_CFB64', 'DES_OFB64', 'DES3_CFB64', 'DES3_OFB64', undefined, 'CAST5_40_CFB64', 'CAST5_40_OFB64'],
    ...['CAST128_CFB64', 'CAST128_OFB64'],
  ],
];
const others = [['IS', 'SEND', 'INFO']];

const number = (value: number) => (value === 0 ? '0' : `0x${value.toString(16)}`);

/** The command at `at` and how long it is; null: it is no command, or cut by the segment's end. */
function command(d: Dissector, at: number, end: number): { text: string; length: number } | null {
  if (end - at < 2) return null;
  const code = d.u8(at + 1);
  if (code === IAC) return { text: 'IAC IAC', length: 2 };
  if (code < FIRST_COMMAND) return null;
  const name = commands[code - FIRST_COMMAND]!;
  if (code < SB) return { text: name, length: 2 };
  if (end - at < 3) return null;
  const option = d.u8(at + 2);
  const text = `${name} ${options[option] ?? number(option)}`;
  if (code >= WILL) return { text, length: 3 };
  let from = at + 3;
  let close = from;
  while (end > close + 1 && !(d.u8(close) === IAC && d.u8(close + 1) === SE)) close++;
  if (d.u8(close) !== IAC) return null;
  let parameters = '';
  for (const words of option === AUTHENTICATION ? authentication : option === ENCRYPT ? encryption : others) {
    if (close <= from) break;
    const value = d.u8(from++);
    parameters += ` ${words[value] ?? number(value)}`;
  }
  while (close > from) parameters += ` ${number(d.u8(from++))}`;
  return { text: `${text}${parameters} SE`, length: close + 2 - at };
}

function telnet(d: Dissector, at: number, length: number): void {
  d.protocol = 'telnet';
  const end = at + length;
  let separator = ' [telnet ';
  // A subnegotiation whose end is missing leads past the segment's, where reading goes on as the real one does.
  for (let from = at; from !== end && d.u8(from) === IAC; ) {
    const found = command(d, from, from > end ? Number.POSITIVE_INFINITY : end);
    if (found === null) break;
    d.put(separator + found.text);
    separator = ', ';
    from += found.length;
  }
  if (separator === ', ') d.put(']');
}

export const telnetPort: PortPrinter = { ports: [23], print: telnet };
