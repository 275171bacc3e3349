import { NetError } from '../../base/net-error.js';
import type { CommandIo } from '../../client/command.js';
import { ERANGE, strerror } from '../../base/errno.js';
import { problem, usageProblem } from './fatal.js';
import type { ConntrackWords } from './words.js';

/** Names of labels of connections, for both iptables and conntrack. */
const FILE = '/etc/xtables/connlabel.conf';
const BYTES = 16;

/** Which name stands for which of the 128 bits. */
export class Labels {
  readonly #bits = new Map<string, number>();

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const found = /^\s*(\d+)\s+(\S+)/.exec(line);
      if (found !== null) this.#bits.set(found[2]!, Number(found[1]));
    }
  }

  /** Null where there is no such file, which is told of. */
  static async load(io: CommandIo): Promise<Labels | null> {
    try {
      return new Labels(new TextDecoder().decode(await io.files.read(FILE)));
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      await io.stderr.write(`nfct_labelmap_new: ${strerror(error.errno)}\n`);
      return null;
    }
  }

  /** The bits of names parted by commas. */
  mask(names: string): Uint8Array {
    const mask = new Uint8Array(BYTES);
    for (const name of names.split(',')) {
      const bit = this.#bits.get(name) ?? unknown(name);
      if (bit >= 8 * BYTES) throw problem(`Operation failed: ${strerror(ERANGE)}`);
      mask[bit >> 3]! |= 1 << (bit & 7);
    }
    return mask;
  }

  /** In the order of their bits. */
  namesOf(labels: Uint8Array | undefined): string[] {
    return [...this.#bits]
      .filter(([, bit]) => ((labels?.[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0)
      .sort(([, a], [, b]) => a - b)
      .map(([name]) => name);
  }
}

function unknown(name: string): never {
  throw usageProblem(`unknown label '${name}'`);
}

/** What the words' labels mean; where none are named, nothing is read. */
export async function resolveLabels(words: ConntrackWords, io: CommandIo): Promise<void> {
  const { labelNames, labelAddNames, labelDeleteNames, output } = words;
  if (labelAddNames !== undefined && labelDeleteNames !== undefined)
    throw problem('cannot use --label-add and --label-del at the same time');
  const named = [labelNames, labelAddNames, labelDeleteNames].find((names) => names !== undefined);
  if (named === undefined && !output.has('labels')) return;
  const labels = await Labels.load(io);
  words.labels = labels;
  const maskOf = (names: string | undefined) => (names === undefined ? undefined : (labels?.mask(names) ?? unknown(names.split(',')[0]!)));
  words.labelFilter = maskOf(labelNames);
  words.labelAdd = maskOf(labelAddNames);
  words.labelDelete = labelDeleteNames === '' ? new Uint8Array(BYTES).fill(0xff) : maskOf(labelDeleteNames);
}

/** What `labels` become: bits of `change` as `to` has them; undefined where that is nothing new. */
export function changedLabels({ labelAdd, labelDelete }: ConntrackWords, labels: Uint8Array | undefined) {
  const mask = labelAdd ?? labelDelete;
  if (mask === undefined) return undefined;
  const before = labels ?? new Uint8Array(BYTES);
  // Adding what is there is a change all the same, taking away what is not is none.
  if (labelAdd === undefined && before.every((byte, i) => (byte & mask[i]!) === 0)) return undefined;
  return { labels: labelAdd ?? new Uint8Array(BYTES), labelsMask: mask };
}
