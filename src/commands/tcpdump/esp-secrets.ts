// -E: keys of ESP's security associations, on the command line or in a file.
import { AesDecryption } from '../../base/aes.js';
import { TripleDesDecryption } from '../../base/des.js';
import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandIo } from '../../client/command.js';
import { parseIpv4 } from '../../wire/ipv4-address.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import { die } from './options.js';
import { latin1Bytes } from './printers/signature.js';

export interface Cipher {
  /** Bytes of a block, and of the initialisation vector. */
  readonly block: number;
  decrypt(vector: Uint8Array, text: Uint8Array): Uint8Array;
}

export interface SecurityAssociation {
  /** Whether it stands for all packets that no other is for. */
  readonly isDefault: boolean;
  readonly spi: number;
  /** Bytes of the destination's address, 4 or 16. */
  readonly destination: Uint8Array;
  /** Bytes of an integrity check value behind the text. */
  readonly check: number;
  readonly cipher: Cipher;
}

const MAXIMUM_SECRET = 256;

/** OpenSSL fills up, or cuts, what is not as long as a key. */
function sized(secret: Uint8Array, length: number): Uint8Array {
  const key = new Uint8Array(length);
  key.set(secret.subarray(0, length));
  return key;
}

const aes =
  (length: number) =>
  (secret: Uint8Array): Cipher => {
    const cipher = new AesDecryption(sized(secret, length));
    return { block: 16, decrypt: (vector, text) => cipher.cbc(vector, text) };
  };

const tripleDes = (secret: Uint8Array): Cipher => {
  const cipher = new TripleDesDecryption(sized(secret, 24));
  return { block: 8, decrypt: (vector, text) => cipher.cbc(vector, text) };
};

const ciphers: Readonly<Record<string, (secret: Uint8Array) => Cipher>> = {
  aes128: aes(16),
  aes192: aes(24),
  aes256: aes(32),
  '3des': tripleDes,
  des3: tripleDes,
};

function secretBytes(text: string): Uint8Array | null {
  if (!text.startsWith('0x')) return latin1Bytes(text).subarray(0, MAXIMUM_SECRET);
  const digits = text.slice(2);
  if (digits.length >> 1 > MAXIMUM_SECRET) return null;
  const pairs = digits.match(/../g) ?? [];
  for (const pair of pairs) {
    const wrong = /[^0-9a-fA-F]/.exec(pair);
    if (wrong !== null) throw die(`invalid hex digit ${wrong[0]} in espsecret\n`);
  }
  return pairs.length === 0 ? null : Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

/** Reads secrets; what cannot be understood is told by `warn` and left out. */
class Secrets {
  readonly found: SecurityAssociation[] = [];
  readonly #io: CommandIo;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  async #warn(text: string): Promise<void> {
    await this.#io.stderr.write(`tcpdump: WARNING: ${text}\n`);
  }

  async line(line: string): Promise<void> {
    const at = line.search(/[ \t]/);
    const first = at < 0 ? '' : line.slice(0, at);
    const rest = at < 0 ? line : line.slice(at + 1);
    if (first.toLowerCase() === 'file') return this.#file(rest);
    if (first.toLowerCase() === 'ikev2') return;
    let spi = 0;
    let destination = new Uint8Array(0);
    if (at >= 0) {
      const [number = '', address] = first.split('@');
      if (!/^\s*[+-]?(0x[0-9a-f]+|\d+)$/i.test(number) || address === undefined)
        return this.#warn(`print_esp: failed to decode spi# ${address === undefined ? '' : number}\n`);
      const v4 = parseIpv4(address);
      const v6 = v4 === null ? parseIpv6(address) : null;
      if (v4 === null && v6 === null) return this.#warn(`print_esp: can not decode IP# ${address}\n`);
      spi = (/^0[0-7]+$/.test(number) ? Number.parseInt(number, 8) : Number(number)) >>> 0;
      destination = v4 === null ? Uint8Array.from(v6!) : Uint8Array.of(v4 >>> 24, v4 >>> 16, v4 >>> 8, v4);
    }
    const decoded = await this.#algorithm(rest.trimStart());
    if (decoded !== null) this.found.unshift({ isDefault: at < 0, spi, destination, ...decoded });
  }

  async #algorithm(text: string): Promise<{ cipher: Cipher; check: number } | null> {
    const colon = text.indexOf(':');
    if (colon < 0) {
      await this.#warn(`failed to decode espsecret: ${text}\n`);
      return null;
    }
    const authenticated = /^(.+)-hmac96$/.exec(text.slice(0, colon));
    const name = (authenticated?.[1] ?? text.slice(0, colon)).replace(/(.)-cbc$/, '$1');
    const make = ciphers[name.toLowerCase()];
    if (make === undefined) {
      await this.#warn(`failed to find cipher algo ${name}\n`);
      return null;
    }
    const secret = secretBytes(text.slice(colon + 1));
    return secret === null ? null : { cipher: make(secret), check: authenticated === null ? 0 : 12 };
  }

  async #file(name: string): Promise<void> {
    let text: string;
    try {
      text = new TextDecoder('latin1').decode(await this.#io.files.read(name));
    } catch (error) {
      if (error instanceof NetError) throw die(`esp_print_decode_onesecret: can't open ${name}: ${strerror(error.errno)}\n`);
      throw error;
    }
    for (const line of text.split('\n')) if (line !== '' && !line.startsWith('#')) await this.line(line);
  }
}

export async function readSecrets(text: string, io: CommandIo): Promise<readonly SecurityAssociation[]> {
  const secrets = new Secrets(io);
  for (const line of text.split(/[\n,]/)) await secrets.line(line);
  return secrets.found;
}
