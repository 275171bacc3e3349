// What NFS servers answer, RFC 1094 and RFC 1813: after the program's status the results of each procedure.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex, word } from '../words.js';
import { fileName, handle } from './nfs-fields.js';
import { showHandle } from './nfs-handle.js';
import { fileTypeWords, procedureOf, procedureWords, stabilityWords, statusWords } from './nfs-words.js';

const V2_HANDLE = 32;
const V2_ATTRIBUTES = 68;
const V3_ATTRIBUTES = 84;

const time = (d: Dissector, at: number) => `${d.be32(at)}.${String(d.be32(at + 4)).padStart(6, '0')}`;

/** Attributes of a file: `detail` 1 for the short form, 2 for all of it. Returns where they end. */
function attributes(d: Dissector, at: number, detail: number, isV3: boolean): number {
  d.need(at, 20);
  if (detail > 0) {
    d.put(
      ` ${word(fileTypeWords, d.be32(at), (n) => `unk-ft ${n} `)} ${d.be32(at + 4).toString(8)} ids ${d.be32(at + 12)}/${d.be32(at + 16)}`,
    );
    d.put(` sz ${isV3 ? d.be64(at + 20) : d.be32(at + 20)}`);
  }
  if (detail > 1 && isV3) {
    d.put(` nlink ${d.be32(at + 8)} rdev ${d.be32(at + 36)}/${d.be32(at + 40)}`);
    d.put(` fsid ${d.be64(at + 44).toString(16)} fileid ${d.be64(at + 52).toString(16)}`);
    d.put(` a/m/ctime ${time(d, at + 60)} ${time(d, at + 68)} ${time(d, at + 76)}`);
  } else if (detail > 1) {
    d.put(` nlink ${d.be32(at + 8)} rdev 0x${d.be32(at + 28).toString(16)} fsid 0x${d.be32(at + 36).toString(16)}`);
    d.put(` nodeid 0x${d.be32(at + 40).toString(16)} a/m/ctime ${time(d, at + 44)} ${time(d, at + 52)} ${time(d, at + 60)}`);
  }
  return at + (isV3 ? V3_ATTRIBUTES : V2_ATTRIBUTES);
}

/** post_op_attr: attributes, or none. */
function after(d: Dissector, at: number): number {
  if (d.be32(at) === 0) return at + 4;
  const { verbose } = d.options;
  return verbose > 0 ? attributes(d, at + 4, verbose, true) : at + 4 + V3_ATTRIBUTES;
}

/** wcc_data: a few attributes of before, all of after. */
function change(d: Dissector, from: number): number {
  const { verbose } = d.options;
  let at = from;
  if (verbose > 1) d.put(' PRE:');
  if (d.be32(at) === 0) at += 4;
  else {
    d.need(at + 4, 24);
    if (verbose > 1) d.put(` sz ${d.be64(at + 4)} mtime ${time(d, at + 12)} ctime ${time(d, at + 20)}`);
    at += 28;
  }
  if (verbose > 0) d.put(' POST:');
  return after(d, at);
}

/** What the procedure came to; 0: it went well. */
function status(d: Dissector, at: number): number {
  const value = d.be32(at);
  if (value !== 0 && d.options.quiet === 0) d.put(` ERROR: ${word(statusWords, value, (n) => `unk ${n}`)}`);
  return value;
}

type Results = (d: Dissector, at: number, isV3: boolean) => void;

const v2Attributes = (d: Dissector, at: number, detail: number) => {
  if (status(d, at) === 0) attributes(d, at + 4, detail, false);
};

/** Version 2's answer to what finds or makes a file. */
const v2Entry: Results = (d, at) => {
  if (status(d, at) !== 0) return;
  showHandle(d, at + 4, V2_HANDLE);
  attributes(d, at + 4 + V2_HANDLE, d.options.verbose, false);
};

const changed: Results = (d, at, isV3) => {
  status(d, at);
  if (isV3) change(d, at + 4);
};

const made: Results = (d, at, isV3) => {
  if (!isV3) return v2Entry(d, at, false);
  v3Made(d, at);
};

function v3Made(d: Dissector, at: number): void {
  if (status(d, at) !== 0) return void change(d, at + 4);
  if (d.be32(at + 4) === 0) return;
  let next = handle(d, at + 8, true);
  const { verbose } = d.options;
  if (verbose === 0) return;
  next = after(d, next);
  if (verbose < 2) return;
  d.put(' dir attr:');
  change(d, next);
}

const directory: Results = (d, at, isV3) => {
  const failed = status(d, at) !== 0;
  if (!isV3) {
    if (failed || d.options.quiet > 0) return;
    d.need(at + 4, 12);
    d.put(` offset 0x${d.be32(at + 4).toString(16)} size ${d.be32(at + 8)} ${d.be32(at + 12) === 0 ? '' : ' eof'}`);
    return;
  }
  const { verbose } = d.options;
  if (verbose > 0) d.put(' POST:');
  const verifier = after(d, at + 4);
  if (!failed && verbose > 0) d.put(` verf ${d.hexOf(verifier, 8)}`);
};

const results: Readonly<Record<number, Results>> = {
  1: (d, at, isV3) => {
    if (status(d, at) === 0) attributes(d, at + 4, d.options.quiet > 0 ? 0 : 1, isV3);
  },
  2: (d, at, isV3) => (isV3 ? changed(d, at, true) : v2Attributes(d, at, d.options.quiet > 0 ? 0 : 1)),
  3: (d, at, isV3) => {
    if (!isV3) return v2Entry(d, at, false);
    const failed = status(d, at) !== 0;
    const next = failed ? at + 4 : after(d, handle(d, at + 4, true));
    if (d.options.verbose < 2) return;
    d.put(' post dattr:');
    after(d, next);
  },
  4: (d, at) => {
    const failed = status(d, at) !== 0;
    if (d.options.verbose > 0) d.put(' attr:');
    const next = after(d, at + 4);
    if (!failed) d.put(` c ${d.be32(next).toString(16).padStart(4, '0')}`);
  },
  5: (d, at, isV3) => {
    if (status(d, at) !== 0) return;
    const next = isV3 ? after(d, at + 4) : at + 4;
    d.put(' ');
    fileName(d, next);
  },
  6: (d, at, isV3) => {
    if (!isV3) return v2Attributes(d, at, d.options.verbose);
    const failed = status(d, at) !== 0;
    const next = after(d, at + 4);
    if (failed || d.options.verbose === 0) return;
    d.put(` ${d.be32(next)} bytes${d.be32(next + 4) === 0 ? '' : ' EOF'}`);
  },
  7: (d, at, isV3) => {
    if (!isV3) return v2Attributes(d, at, d.options.verbose);
    const failed = status(d, at) !== 0;
    const next = change(d, at + 4);
    const { verbose } = d.options;
    if (failed || verbose === 0) return;
    d.put(` ${d.be32(next)} bytes`);
    if (verbose < 2) return;
    d.put(` <${word(stabilityWords, d.be32(next + 4))}>`);
    d.put(` verf ${hex(d.be64(next + 8))}`);
  },
  8: made,
  9: made,
  10: (d, at, isV3) => (isV3 ? v3Made(d, at) : void status(d, at)),
  11: v3Made,
  12: changed,
  13: changed,
  14: (d, at, isV3) => {
    status(d, at);
    if (!isV3 || d.options.verbose === 0) return;
    d.put(' from:');
    const next = change(d, at + 4);
    d.put(' to:');
    change(d, next);
  },
  15: (d, at, isV3) => {
    status(d, at);
    if (!isV3 || d.options.verbose === 0) return;
    d.put(' file POST:');
    const next = after(d, at + 4);
    d.put(' dir:');
    change(d, next);
  },
  16: directory,
  17: (d, at) => directory(d, at, true),
  18: (d, at, isV3) => {
    const failed = status(d, at) !== 0;
    if ((!isV3 && failed) || d.options.quiet > 0) return;
    const { verbose } = d.options;
    if (!isV3) {
      d.need(at + 4, 20);
      const [size, block, blocks, free, available] = [4, 8, 12, 16, 20].map((i) => d.be32(at + i));
      return d.put(` tsize ${size} bsize ${block} blocks ${blocks} bfree ${free} bavail ${available}`);
    }
    if (verbose > 0) d.put(' POST:');
    const next = after(d, at + 4);
    d.need(next, 52);
    d.put(` tbytes ${d.be64(next)} fbytes ${d.be64(next + 8)} abytes ${d.be64(next + 16)}`);
    if (verbose === 0) return;
    d.put(` tfiles ${d.be64(next + 24)} ffiles ${d.be64(next + 32)} afiles ${d.be64(next + 40)} invar ${d.be32(next + 48)}`);
  },
  19: (d, at) => {
    const failed = status(d, at) !== 0;
    const { verbose } = d.options;
    if (verbose > 0) d.put(' POST:');
    const next = after(d, at + 4);
    if (failed) return;
    d.need(next, 48);
    const field = (n: number) => d.be32(next + n * 4);
    d.put(` rtmax ${field(0)} rtpref ${field(1)} wtmax ${field(3)} wtpref ${field(4)} dtpref ${field(6)}`);
    if (verbose === 0) return;
    d.put(` rtmult ${field(2)} wtmult ${field(5)} maxfsz ${d.be64(next + 28)} delta ${time(d, next + 36)} `);
  },
  20: (d, at) => {
    const failed = status(d, at) !== 0;
    if (d.options.verbose > 0) d.put(' POST:');
    const next = after(d, at + 4);
    if (failed) return;
    d.need(next, 24);
    const flag = (n: number, text: string) => (d.be32(next + n * 4) === 0 ? '' : text);
    d.put(` linkmax ${d.be32(next)} namemax ${d.be32(next + 4)}`);
    d.put(` ${flag(2, 'notrunc')} ${flag(3, 'chownres')} ${flag(4, 'igncase')} ${flag(5, 'keepcase')}`);
  },
  21: (d, at) => {
    const failed = status(d, at) !== 0;
    const next = change(d, at + 4);
    if (!failed && d.options.verbose > 1) d.put(` verf ${hex(d.be64(next))}`);
  },
};

const refusalWords = ['', 'PROG_UNAVAIL', 'PROG_MISMATCH', 'PROC_UNAVAIL', 'GARBAGE_ARGS', 'SYSTEM_ERR'];

/** Results of `procedure`, numbered as in the call, from the accepted reply's verifier at `at` on. */
export function acceptedReply(d: Dissector, at: number, length: number, number: number, version: number): void {
  const isV3 = version === 3;
  const procedure = procedureOf(number, version);
  d.put(` ${word(procedureWords, procedure, (n) => `proc-${n}`)}`);
  const show = results[procedure];
  if (show === undefined) return;
  const verifier = d.be32(at + 4);
  if (verifier >= length) throw TRUNCATED;
  const outcomeAt = at + 8 + ((verifier + 3) & ~3);
  const outcome = d.be32(outcomeAt);
  if (outcome !== 0) return d.put(` ${refusalWords[outcome] ?? `ar_stat ${outcome}`}`);
  show(d, outcomeAt + 4, isV3);
}
