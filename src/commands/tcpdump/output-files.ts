// -w with -C, -G, -W and -z: files that follow each other.
import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandIo } from '../../client/command.js';
import { PcapWriter } from './capture/writer.js';
import { die, type Settings } from './options.js';
import type { CapturedPacket } from './print-packet.js';

/** What add() says. */
export type Added = 'more' | 'limit reached';

export class OutputFiles {
  readonly #io: CommandIo;
  readonly #settings: Settings;
  readonly #linkType: number;
  readonly #snapshot: number;
  #writer!: PcapWriter;
  #name = '';
  /** Files that -C began since the last of -G. */
  #bySize = 0;
  /** Files that -G began. */
  #byTime = 0;
  /** When the present file began, seconds. */
  #began: number;

  private constructor(io: CommandIo, settings: Settings, linkType: number, snapshot: number) {
    this.#io = io;
    this.#settings = settings;
    this.#linkType = linkType;
    this.#snapshot = snapshot;
    this.#began = this.#now();
  }

  static async open(io: CommandIo, settings: Settings, linkType: number, snapshot: number): Promise<OutputFiles> {
    const files = new OutputFiles(io, settings, linkType, snapshot);
    files.#begin();
    // The file is there from the start, with its header.
    await files.flush();
    return files;
  }

  #now(): number {
    return Math.floor(this.#io.nowUs() / 1_000_000);
  }

  #begin(): void {
    const { rotateBytes, rotateSeconds, fileCount, writeFile, nanoseconds } = this.#settings;
    const base = rotateSeconds > 0 ? formatTime(writeFile, this.#began) : writeFile;
    // The count's digits are those of the last file of a ring.
    const digits = rotateBytes > 0 && fileCount > 1 ? String(fileCount - 1).length : 0;
    this.#name = this.#bySize === 0 && digits === 0 ? base : `${base}${String(this.#bySize).padStart(digits, '0')}`;
    const name = this.#name;
    this.#writer = new PcapWriter(
      (bytes, first) => (name === '-' ? this.#io.stdout.write(bytes) : this.#write(name, bytes, first)),
      this.#linkType,
      this.#snapshot,
      nanoseconds,
    );
  }

  async #write(name: string, bytes: Uint8Array, first: boolean): Promise<void> {
    try {
      await this.#io.files.write(name, bytes, { append: !first });
    } catch (error) {
      if (error instanceof NetError) throw die(`${name}: ${strerror(error.errno)}`);
      throw error;
    }
  }

  /** Writes a packet, into another file where it is time for one. A promise only where it must wait. */
  add(packet: CapturedPacket): Added | Promise<Added> {
    const { rotateBytes, rotateSeconds, packetBuffered } = this.#settings;
    const late = rotateSeconds > 0 && this.#now() - this.#began >= rotateSeconds;
    if (late || (rotateBytes > 0 && this.#writer.size > rotateBytes)) return this.#rotate(late, packet);
    return this.#writer.add(packet) || packetBuffered ? this.flush().then(() => 'more') : 'more';
  }

  async #rotate(late: boolean, packet: CapturedPacket): Promise<Added> {
    const { rotateBytes, fileCount, packetBuffered } = this.#settings;
    if (late) {
      this.#began = this.#now();
      this.#byTime++;
      await this.#finish();
      if (rotateBytes === 0 && fileCount > 0 && this.#byTime >= fileCount) return 'limit reached';
      this.#bySize = 0;
      this.#begin();
    }
    if (rotateBytes > 0 && this.#writer.size > rotateBytes) {
      await this.#finish();
      this.#bySize++;
      if (fileCount > 0 && this.#bySize >= fileCount) this.#bySize = 0;
      this.#begin();
    }
    this.#writer.add(packet);
    if (packetBuffered) await this.flush();
    return 'more';
  }

  /** Ends a file: all written, and -z's command run on it. */
  async #finish(): Promise<void> {
    await this.flush();
    const { afterRotation } = this.#settings;
    if (afterRotation === '') return;
    try {
      await this.#io.processes.spawn({ argv: [afterRotation, this.#name] });
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      await this.#io.stderr.write(`compress_savefile: execlp(${afterRotation}, ${this.#name}) failed: ${strerror(error.errno)}\n`);
    }
  }

  async flush(): Promise<void> {
    await this.#writer.flush();
  }
}

const two = (value: number) => String(value).padStart(2, '0');
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** strftime(3) in the C locale, local time. */
function formatTime(format: string, seconds: number): string {
  const date = new Date(seconds * 1000);
  const dayOfYear = Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 0)) / 86_400_000,
  );
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const values: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    C: two(Math.floor(date.getFullYear() / 100)),
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    e: String(date.getDate()).padStart(2),
    H: two(date.getHours()),
    I: two(date.getHours() % 12 || 12),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    j: String(dayOfYear).padStart(3, '0'),
    s: String(seconds),
    T: time,
    R: time.slice(0, 5),
    F: `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
    D: `${two(date.getMonth() + 1)}/${two(date.getDate())}/${two(date.getFullYear() % 100)}`,
    a: days[date.getDay()]!.slice(0, 3),
    A: days[date.getDay()]!,
    b: months[date.getMonth()]!.slice(0, 3),
    B: months[date.getMonth()]!,
    p: date.getHours() < 12 ? 'AM' : 'PM',
    u: String(date.getDay() || 7),
    w: String(date.getDay()),
    n: '\n',
    t: '\t',
    '%': '%',
  };
  return format.replace(/%(.)/g, (whole, letter: string) => values[letter] ?? whole);
}
