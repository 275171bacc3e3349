// DNS as a stub resolver speaks it, RFC 1035 4: 0 id | 2 flags | 4 questions | 6 answers | 8 authorities | 10 additionals | questions, records.

const HEADER = 12;
const TYPE_PTR = 12;
const CLASS_IN = 1;
const RECURSION_DESIRED = 0x0100;
const RESPONSE = 0x8000;
const RCODE = 0x000f;
const NAME_ERROR = 3;
/** The two top bits of a label's length: the rest of the name is elsewhere (RFC 1035 4.1.4). */
const POINTER = 0xc0;
/** Labels and pointers of a name: one that is valid has fewer. */
const MAXIMUM_STEPS = 256;
const LONGEST_NAME = 253;

/** What a server said of a name: that there is one, that there is none (''), or that it cannot tell (null). */
export type PointerAnswer = string | null;

/** Asks for the name of an address of 4 or 16 bytes (RFC 1035 3.5, RFC 3596 2.5). */
export function pointerQuery(id: number, address: Uint8Array): Uint8Array {
  const reversed = [...address].reverse();
  const labels =
    address.length === 4
      ? [...reversed.map(String), 'in-addr', 'arpa']
      : [...reversed.flatMap((byte) => [(byte & 15).toString(16), (byte >> 4).toString(16)]), 'ip6', 'arpa'];
  const name = labels.flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  const message = new Uint8Array(HEADER + name.length + 5);
  const view = new DataView(message.buffer);
  view.setUint16(0, id);
  view.setUint16(2, RECURSION_DESIRED);
  view.setUint16(4, 1);
  message.set(name, HEADER);
  view.setUint16(message.length - 4, TYPE_PTR);
  view.setUint16(message.length - 2, CLASS_IN);
  return message;
}

/** The answer in `message` to `query`, which pointerQuery() made; undefined: it is no answer to it. */
export function readPointerAnswer(message: Uint8Array, query: Uint8Array): PointerAnswer | undefined {
  if (message.length < query.length) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const flags = view.getUint16(2);
  if (message[0] !== query[0] || message[1] !== query[1] || (flags & RESPONSE) === 0) return undefined;
  // RFC 5452 9.1: the question comes back as it was.
  for (let i = HEADER; i < query.length; i++) if (message[i] !== query[i]) return undefined;
  if ((flags & RCODE) === NAME_ERROR) return '';
  if ((flags & RCODE) !== 0) return null;
  let at = query.length;
  for (let answers = view.getUint16(6); answers > 0; answers--) {
    const record = skipName(message, at);
    if (record < 0 || record + 10 > message.length) return '';
    const data = record + 10;
    if (view.getUint16(record) === TYPE_PTR && view.getUint16(record + 2) === CLASS_IN) return readName(message, data);
    at = data + view.getUint16(record + 8);
  }
  return '';
}

/** Where what follows the name at `at` begins; -1: the message ends before. */
function skipName(message: Uint8Array, at: number): number {
  for (;;) {
    const length = message[at];
    if (length === undefined) return -1;
    if (length === 0) return at + 1;
    if (length >= POINTER) return at + 2;
    at += 1 + length;
  }
}

/** A host's name, dots between its labels; '' for what is none (RFC 1123 2.1, with the underscore that resolvers let pass). */
function readName(message: Uint8Array, at: number): string {
  const labels: string[] = [];
  for (let steps = 0; steps < MAXIMUM_STEPS; steps++) {
    const length = message[at];
    if (length === undefined) return '';
    if (length === 0) {
      const name = labels.join('.');
      return name.length <= LONGEST_NAME && /^[\w.-]+$/.test(name) ? name : '';
    }
    if (length >= POINTER) {
      at = ((length & ~POINTER) << 8) | (message[at + 1] ?? 0);
      continue;
    }
    if (at + 1 + length > message.length) return '';
    labels.push(String.fromCharCode(...message.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return '';
}
