// NFS over ONC RPC (RFC 5531), versions 2 and 3. A reply does not say what it answers: calls are remembered.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { attributesToSet, fileName, handle } from './nfs-fields.js';
import { acceptedReply } from './nfs-reply.js';
import { BLOCK_DEVICE, CHARACTER_DEVICE, fileTypeWords, NFS_PORT, procedureOf, procedureWords, stabilityWords } from './nfs-words.js';
import type { IpContext, PortContext, PortPrinter } from './registry-types.js';

const CALL = 0;
const REPLY = 1;

interface Call {
  readonly key: string;
  readonly procedure: number;
  readonly version: number;
}

/** Calls that replies are looked up in; the oldest are forgotten. */
const MAXIMUM_CALLS = 64;

/** A ring that is searched from where the last call was found: of two calls with one key, the one found first counts, as in tcpdump. */
class Calls {
  readonly #ring: Call[] = [];
  #next = 0;
  #hint = 0;

  add(call: Call): void {
    this.#ring[this.#next] = call;
    this.#next = (this.#next + 1) % MAXIMUM_CALLS;
  }

  find(key: string): Call | undefined {
    for (let i = 0; i < MAXIMUM_CALLS; i++) {
      const place = (this.#hint + i) % MAXIMUM_CALLS;
      if (this.#ring[place]?.key !== key) continue;
      this.#hint = place;
      return this.#ring[place];
    }
    return undefined;
  }
}

const callsOf = new WeakMap<Dissector, Calls>();

function callKey(d: Dissector, at: number, { version, header }: IpContext, isReply: boolean): string {
  const size = version === 6 ? 16 : 4;
  const source = header + (version === 6 ? 8 : 12);
  const one = d.hexOf(source, size);
  const other = d.hexOf(source + size, size);
  return `${d.be32(at)} ${isReply ? `${other} ${one}` : `${one} ${other}`}`;
}

function remember(d: Dissector, at: number, context: IpContext): void {
  const calls = callsOf.get(d) ?? new Calls();
  callsOf.set(d, calls);
  calls.add({ key: callKey(d, at, context, false), procedure: d.be32(at + 20), version: d.be32(at + 16) });
}

/** Where a call's arguments start, behind credentials and verifier. */
function argumentsOf(d: Dissector, at: number, length: number): number {
  let place = at + 24;
  for (let i = 0; i < 2; i++) {
    const size = d.be32(place + 4);
    if (size >= length) throw TRUNCATED;
    place += 8 + Math.ceil(size / 4) * 4;
  }
  return place;
}

type Arguments = (d: Dissector, at: number, isV3: boolean) => void;

const ofHandle: Arguments = (d, at, isV3) => void handle(d, at, isV3);
const handleAndName = (d: Dissector, at: number, isV3: boolean): number => {
  const next = handle(d, at, isV3);
  d.put(' ');
  return fileName(d, next);
};
const ofName: Arguments = (d, at, isV3) => void handleAndName(d, at, isV3);

const callArguments: Readonly<Record<number, Arguments>> = {
  1: ofHandle,
  2: ofHandle,
  3: ofName,
  4: (d, at, isV3) => {
    const next = handle(d, at, isV3);
    d.put(` ${accessText(d.be32(next))}`);
  },
  5: ofHandle,
  6: (d, at, isV3) => {
    const next = handle(d, at, isV3);
    d.put(isV3 ? ` ${d.be32(next + 8)} bytes @ ${d.be64(next)}` : ` ${d.be32(next + 4)} bytes @ ${d.be32(next)}`);
  },
  7: (d, at, isV3) => {
    const next = handle(d, at, isV3);
    if (!isV3) return d.put(` ${d.be32(next + 12)} (${d.be32(next + 8)}) bytes @ ${d.be32(next + 4)} (${d.be32(next)})`);
    d.put(` ${d.be32(next + 16)} (${d.be32(next + 8)}) bytes @ ${d.be64(next)}`);
    if (d.options.verbose > 0) d.put(` <${word(stabilityWords, d.be32(next + 12))}>`);
  },
  8: ofName,
  9: ofName,
  10: (d, at, isV3) => {
    const next = handleAndName(d, at, isV3);
    d.put(' ->');
    const { text, end } = isV3 ? attributesToSet(d, next) : { text: '', end: next };
    fileName(d, end);
    if (d.options.verbose > 0) d.put(text);
  },
  11: (d, at, isV3) => {
    const next = handleAndName(d, at, isV3);
    const type = d.be32(next);
    const { text, end } = attributesToSet(d, next + 4);
    d.put(` ${word(fileTypeWords, type, (n) => `unk-ft ${n}`)}`);
    if (d.options.verbose === 0) return;
    if (type === CHARACTER_DEVICE || type === BLOCK_DEVICE) d.put(` ${d.be32(end)}/${d.be32(end + 4)}`);
    d.put(text);
  },
  12: ofName,
  13: ofName,
  14: (d, at, isV3) => {
    const next = handleAndName(d, at, isV3);
    d.put(' ->');
    handleAndName(d, next, isV3);
  },
  15: (d, at, isV3) => {
    const next = handle(d, at, isV3);
    d.put(' ->');
    handleAndName(d, next, isV3);
  },
  16: (d, at, isV3) => {
    const next = handle(d, at, isV3);
    if (!isV3) return d.put(` ${d.be32(next + 4)} bytes @ ${d.be32(next)}`);
    d.need(next, 20);
    d.put(` ${d.be32(next + 16)} bytes @ ${BigInt.asIntN(64, d.be64(next))}`);
    if (d.options.verbose > 0) d.put(` verf ${hex(d.be64(next + 8), 16)}`);
  },
  17: (d, at, isV3) => {
    const next = handle(d, at, isV3);
    d.need(next, 20);
    d.put(` ${d.be32(next + 16)} bytes @ ${d.be64(next)}`);
    if (d.options.verbose > 0) d.put(` max ${d.be32(next + 20)} verf ${hex(d.be64(next + 8), 16)}`);
  },
  18: ofHandle,
  19: ofHandle,
  20: ofHandle,
  21: (d, at, isV3) => {
    const next = handle(d, at, isV3);
    d.put(` ${d.be32(next + 8)} bytes @ ${d.be64(next)}`);
  },
};

const ALL_ACCESS = 0x3f;
const accessBits = ['READ', 'LOOKUP', 'MODIFY', 'EXTEND', 'DELETE', 'EXECUTE'];

/** ACCESS: what the caller wants to know of. */
function accessText(access: number): string {
  if (access > ALL_ACCESS) return access.toString(16).padStart(4, '0');
  if (access === ALL_ACCESS) return 'NFS_ACCESS_FULL';
  const names = accessBits.filter((_, bit) => (access & (1 << bit)) !== 0);
  return names.length === 0 ? '<none>' : names.map((name) => `NFS_ACCESS_${name}`).join('|');
}

function call(d: Dissector, at: number, length: number, context: IpContext): void {
  d.protocol = 'nfs';
  d.put(String(length));
  remember(d, at, context);
  const version = d.be32(at + 16);
  const procedure = procedureOf(d.be32(at + 20), version);
  d.put(` ${word(procedureWords, procedure, (n) => `proc-${n}`)}`);
  callArguments[procedure]?.(d, argumentsOf(d, at, length), version === 3);
}

const authenticationWords: Words = {
  0: 'OK',
  1: 'Bogus Credentials (seal broken)',
  2: 'Rejected Credentials (client should begin new session)',
  3: 'Bogus Verifier (seal broken)',
  4: 'Verifier expired or was replayed',
  5: 'Credentials are too weak',
  6: 'Bogus response verifier',
  7: 'Unknown failure',
};

function denied(d: Dissector, at: number): void {
  const why = d.be32(at);
  if (why === 0) return d.put(`RPC Version mismatch (${d.be32(at + 4)}-${d.be32(at + 8)})`);
  if (why === 1) return d.put(`Auth ${word(authenticationWords, d.be32(at + 4), (n) => `Invalid failure code ${n}`)}`);
  d.put(`Unknown reason for rejecting rpc message ${why}`);
}

function reply(d: Dissector, at: number, length: number, context: IpContext): void {
  d.protocol = 'nfs';
  const state = d.be32(at + 8);
  if (state === 1) {
    d.put(`reply ERR ${length}: `);
    return denied(d, at + 12);
  }
  if (state !== 0) return d.put(`reply Unknown rpc response code=${state} ${length}`);
  d.put(`reply ok ${length}`);
  const asked = callsOf.get(d)?.find(callKey(d, at, context, true));
  if (asked !== undefined) acceptedReply(d, at + 12, length, asked.procedure, asked.version);
}

/** A message of RPC that goes to or comes from NFS's port; false: it is none. */
export function nfs(d: Dissector, at: number, length: number, context: PortContext): boolean {
  if (!d.has(at + 4, 4)) return false;
  const direction = d.be32(at + 4);
  if (context.destinationPort === NFS_PORT && direction === CALL) {
    d.put(`NFS request xid ${d.be32(at)} `);
    call(d, at, length, context);
    return true;
  }
  if (context.sourcePort !== NFS_PORT || direction !== REPLY) return false;
  d.put(`NFS reply xid ${d.be32(at)} `);
  reply(d, at, length, context);
  return true;
}

/** Behind TCP a message starts with the length of its fragment. */
export const nfsTcp: PortPrinter = {
  ports: [NFS_PORT],
  print(d, at, length, context) {
    if (length < 4 || !d.has(at, 4)) return;
    const fragment = Math.min(d.be32(at) & 0x7fffffff, length - 4);
    const before = d.text;
    d.text = '';
    try {
      if (nfs(d, at + 4, fragment, context)) return;
    } finally {
      d.text = d.text === '' ? before : `${before}: ${d.text}`;
    }
  },
};
