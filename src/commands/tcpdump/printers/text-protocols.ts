// Protocols of lines of text: HTTP, FTP, SMTP, RTSP, SIP, whois.
import type { Dissector } from '../dissector.js';
import type { PortPrinter } from './registry-types.js';

const printable = (byte: number) => byte >= 0x20 && byte < 0x7f;
const blank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
const LONGEST_WORD = 128;

/** The word at `index`, and where the next begins; null: there is none, or it is no text. */
function wordAt(d: Dissector, at: number, index: number, length: number): { word: string; next: number } | null {
  let i = index;
  let word = '';
  for (; i < length; i++) {
    if (!d.has(at + i, 1)) return null;
    const byte = d.u8(at + i);
    if (blank(byte)) break;
    if (!printable(byte) || word.length >= LONGEST_WORD) return null;
    word += String.fromCharCode(byte);
  }
  if (word === '') return null;
  for (; i < length && d.has(at + i, 1); i++) {
    const byte = d.u8(at + i);
    if (byte === 0x0d || byte === 0x0a || !printable(byte) || byte !== 0x20) break;
  }
  return { word, next: i };
}

/** Prints the line at `index`; returns where the next begins, 0: there is none, or it is no text. */
function line(d: Dissector, prefix: string, at: number, index: number, length: number): number {
  const show = (end: number) => {
    let text = prefix;
    for (let k = index; k < end; k++) text += String.fromCharCode(d.bytes[at + k]!);
    d.put(text);
  };
  let i = index;
  for (; i < length; i++) {
    const byte = d.u8(at + i);
    if (byte === 0x0a) {
      show(i);
      return i + 1;
    }
    if (byte === 0x0d) {
      if (i + 1 >= length || d.u8(at + i + 1) !== 0x0a) return 0;
      show(i);
      return i + 2;
    }
    if (!printable(byte) && byte !== 0x09) return 0;
  }
  show(i);
  d.truncated();
  return 0;
}

interface TextProtocol {
  readonly name: string;
  /** Requests; left out: every packet is one, or an answer. */
  readonly requests?: ReadonlySet<string>;
}

function textProtocol(d: Dissector, at: number, length: number, { name, requests }: TextProtocol): void {
  d.protocol = name;
  d.put(name.toUpperCase());
  if (requests !== undefined && !isMessage(d, at, length, requests)) return;
  if (d.options.verbose === 0) {
    line(d, ': ', at, 0, length);
    return;
  }
  d.put(`, length: ${length}`);
  for (let i = 0; i < length; ) {
    const next = line(d, '\n\t', at, i, length);
    if (next === 0) return;
    i = next;
  }
}

/** A request, or an answer: its second word is a status of three digits. */
function isMessage(d: Dissector, at: number, length: number, requests: ReadonlySet<string>): boolean {
  const first = wordAt(d, at, 0, length);
  if (first === null) return false;
  if (requests.has(first.word.toUpperCase())) return true;
  const second = wordAt(d, at, first.next, length);
  return second !== null && /^\d{3}$/.test(second.word);
}

const words = (text: string) => new Set(text.trim().split(/\s+/));

const http: TextProtocol = {
  name: 'http',
  requests: words(`GET PUT COPY HEAD LOCK MOVE POLL POST BCOPY BMOVE MKCOL TRACE LABEL MERGE DELETE SEARCH UNLOCK REPORT UPDATE NOTIFY
    BDELETE CONNECT OPTIONS CHECKIN PROPFIND CHECKOUT CCM_POST SUBSCRIBE PROPPATCH BPROPFIND BPROPPATCH UNCHECKOUT MKACTIVITY
    MKWORKSPACE UNSUBSCRIBE RPC_CONNECT VERSION-CONTROL BASELINE-CONTROL`),
};
const rtsp: TextProtocol = {
  name: 'rtsp',
  requests: words('DESCRIBE ANNOUNCE GET_PARAMETER OPTIONS PAUSE PLAY RECORD REDIRECT SETUP SET_PARAMETER TEARDOWN'),
};
const sip: TextProtocol = {
  name: 'sip',
  requests: words('ACK BYE CANCEL DO INFO INVITE MESSAGE NOTIFY OPTIONS PRACK QAUTH REFER REGISTER SPRACK SUBSCRIBE UPDATE PUBLISH'),
};

/** Over TCP, behind a colon. */
const overTcp = (ports: readonly number[], protocol: TextProtocol): PortPrinter => ({
  ports,
  print(d, at, length) {
    d.put(': ');
    textProtocol(d, at, length, protocol);
  },
});

export const smtpPort = overTcp([25], { name: 'smtp' });
export const whoisPort = overTcp([43], { name: 'whois' });
export const ftpPort = overTcp([21], { name: 'ftp' });
export const httpPort = overTcp([80, 8080], http);
export const rtspPort = overTcp([554, 8554], rtsp);
export const sipPort: PortPrinter = { ports: [5060], print: (d, at, length) => textProtocol(d, at, length, sip) };

/** SSH's version line; what follows is not readable. */
export const sshPort: PortPrinter = {
  ports: [22],
  print(d, at, length) {
    d.protocol = 'ssh';
    if (d.be32(at) !== 0x5353482d) return;
    let text = 'SSH-';
    for (let i = 4; i < length; i++) {
      const byte = d.u8(at + i);
      const ends = byte === 0x0a || (byte === 0x0d && i + 1 < length && d.u8(at + i + 1) === 0x0a);
      if (ends) return d.put(`: SSH: ${text}`);
      if (!printable(byte)) return;
      text += String.fromCharCode(byte);
    }
  },
};
