// -r and -V: packets of files.

import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { dumpProgram } from '../../bpf/disassemble.js';
import type { CommandEnvironment, CommandIo, OpenFile } from '../../client/command.js';
import { openCapture } from './capture/open.js';
import { CaptureError, type CaptureReader, END, MORE } from './capture/reader.js';
import { compileFilter, hasNames } from './filter/compile.js';
import { readFilterNames } from './filter/names.js';
import { PacketFilter } from './filter/packet-filter.js';
import { DLT_LINUX_SLL2 } from './link-types.js';
import { Names } from './names.js';
import { die, type Settings } from './options.js';
import { OutputFiles } from './output-files.js';
import type { PacketPrinter } from './print-packet.js';
import { displayOptions, dumpOptions, linkTypeText } from './summary.js';
import { ReverseLookup } from './reverse-lookup.js';
import { Timestamps } from './timestamps.js';
import { plural } from './words.js';

/** Text that comes together before it is written, unless -l asks for each line. */
const BUFFERED = 1 << 16;

export async function readSavefiles(
  settings: Settings,
  filterText: () => Promise<string>,
  io: CommandIo,
  env: CommandEnvironment,
): Promise<number> {
  const files = settings.fileList === '' ? [settings.readFile] : await listedFiles(settings.fileList, io);
  const run = new SavefileRun(settings, filterText, io, env);
  let status = 0;
  for (const file of files) {
    status = await run.read(file);
    if (run.interrupted) break;
  }
  await run.end();
  return status;
}

/** The file to be read in place, where the port can; null: piece by piece. */
async function openedFile(files: CommandIo['files'], file: string): Promise<OpenFile | null> {
  try {
    return (await files.open?.(file)) ?? null;
  } catch (error) {
    if (error instanceof NetError) throw new CaptureError(`${file}: ${strerror(error.errno)}`);
    throw error;
  }
}

/** -V: a file name a line. */
async function listedFiles(list: string, io: CommandIo): Promise<readonly string[]> {
  let text = '';
  try {
    const decoder = new TextDecoder();
    for await (const chunk of list === '-' ? io.stdin.chunks() : io.files.chunks(list)) text += decoder.decode(chunk, { stream: true });
  } catch (error) {
    if (error instanceof NetError) throw die(`Unable to open file: ${strerror(error.errno)}`);
    throw error;
  }
  const names = text.split('\n');
  if (names.at(-1) === '') names.pop();
  if (names.length === 0) throw die(`Nothing in ${list}`);
  // A name ends at its first zero byte.
  return names.map((name) => name.split('\0', 1)[0]!);
}

/** -Z, which the real tool heeds as root alone. */
async function knownUser(user: string, io: CommandIo): Promise<void> {
  if (user === '' || io.processes.uid !== 0) return;
  const known = new TextDecoder('latin1').decode(await io.files.read('/etc/passwd')).split('\n');
  if (!known.some((line) => line.startsWith(`${user}:`))) throw die(`Couldn't find user '${user}'`);
}

const DEVICES = '/sys/class/net';

/** Names of this machine's devices by index: a file has indexes alone, and may come from elsewhere. */
async function hostDevices(files: CommandIo['files']): Promise<ReadonlyMap<number, string>> {
  const names = new Map<number, string>();
  try {
    for (const name of await files.list(DEVICES))
      names.set(Number(new TextDecoder().decode(await files.read(`${DEVICES}/${name}/ifindex`))), name);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
  }
  return names;
}

/** Name servers are asked where a file is read inside of a network: an instance's program, or with the kernel as target. No instance is started for it. */
const isInside = ({ TAPSTACK_ETC, TAPSTACK_TARGET }: CommandEnvironment['variables']) =>
  TAPSTACK_TARGET === 'kernel' || (TAPSTACK_ETC !== undefined && TAPSTACK_ETC !== '');

/** What goes on from one file to the next. */
class SavefileRun {
  interrupted = false;
  readonly #settings: Settings;
  /** Read once the first file is open, as the real tool does. */
  readonly #readFilter: () => Promise<string>;
  #filterText: string | null = null;
  readonly #io: CommandIo;
  readonly #env: CommandEnvironment;
  readonly #stopListening: (() => void)[] = [];
  #printer: PacketPrinter | null = null;
  #names = new Names(true);
  #lookup: ReverseLookup | null = null;
  #output: OutputFiles | null = null;
  #linkType = -1;
  #filter: PacketFilter | null = null;
  #packets = 0;
  #text = '';

  constructor(settings: Settings, readFilter: () => Promise<string>, io: CommandIo, env: CommandEnvironment) {
    this.#settings = settings;
    this.#readFilter = readFilter;
    this.#io = io;
    this.#env = env;
    const stop = () => {
      this.interrupted = true;
      this.#lookup?.stop();
    };
    this.#stopListening.push(io.onSignal('SIGINT', stop), io.onSignal('SIGTERM', stop));
  }

  /** Returns the exit status so far. Throws what ends everything. */
  async read(file: string): Promise<number> {
    const { nanoseconds, dump, optimise } = this.#settings;
    const { files, stdin } = this.#io;
    const input = file === '-' ? stdin.chunks() : ((await openedFile(files, file)) ?? files.chunks(file));
    const reader = await openCapture(input, file, nanoseconds);
    await this.#io.stderr.write(
      `reading from file ${file}, link-type ${linkTypeText(reader.linkType)}, snapshot length ${reader.snapshot}\n`,
    );
    await knownUser(this.#settings.user, this.#io);
    if (reader.linkType === DLT_LINUX_SLL2) await this.#io.stderr.write('Warning: interface names might be incorrect\n');
    if (reader.linkType !== this.#linkType) {
      if (this.#linkType >= 0 && this.#output !== null) throw die(`${file}: new dlt does not match original`);
      this.#linkType = reader.linkType;
      this.#filterText ??= await this.#readFilter();
      const text = this.#filterText;
      const program = compileFilter(text, {
        linkType: reader.linkType,
        snapshot: reader.snapshot,
        optimise,
        fromFile: true,
        swapped: reader.swapped,
        ...(hasNames(text) ? { names: await readFilterNames(this.#io.files) } : {}),
      });
      if (dump > 0) {
        await this.#io.stdout.write(dumpProgram(program, dump >= 3 ? 3 : dump === 2 ? 2 : 1));
        this.interrupted = true;
        return 0;
      }
      this.#filter = new PacketFilter(program);
    }
    if (this.#settings.writeFile !== '' && this.#output === null)
      this.#output = await OutputFiles.open(this.#io, this.#settings, reader.linkType, reader.snapshot);
    try {
      await this.#packetsOf(reader);
      return 0;
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      await this.#flush();
      await this.#io.stderr.write(`tcpdump: pcap_loop: ${error.message}\n`);
      return 1;
    }
  }

  /** Made, and its code loaded, with the first packet that is shown: most of this command is for showing packets. */
  async #makePrinter(reader: CaptureReader): Promise<PacketPrinter> {
    const { numeric, shortHosts, timestamps, nanoseconds, numbered } = this.#settings;
    const { PacketPrinter } = await import('./print-packet.js');
    if (numeric === 0) {
      this.#names = await Names.read(this.#io.files, shortHosts);
      if (isInside(this.#env.variables)) this.#names.source = this.#lookup = new ReverseLookup(this.#io, this.#env);
    }
    const names = this.#names;
    if (reader.linkType === DLT_LINUX_SLL2) names.deviceNames = await hostDevices(this.#io.files);
    return new PacketPrinter(
      displayOptions(this.#settings),
      dumpOptions(this.#settings),
      names,
      new Timestamps(timestamps, nanoseconds),
      numbered,
    );
  }

  async #packetsOf(reader: CaptureReader): Promise<void> {
    const { count, countOnly, lineBuffered, print, writeFile } = this.#settings;
    const shows = !countOnly && (writeFile === '' || print);
    const filter = this.#filter!;
    let taken = 0;
    for (;;) {
      const next = reader.nextTaken(filter);
      if (next === MORE) {
        await reader.fill();
        if (this.interrupted) return;
        continue;
      }
      if (next === END) break;
      this.#packets++;
      if (this.#output !== null) {
        const added = this.#output.add(reader);
        if (typeof added !== 'string' && (await added) === 'limit reached') {
          await this.#io.stderr.write(`Maximum file limit reached: ${this.#settings.fileCount}\n`);
          this.interrupted = true;
          return;
        }
      }
      if (shows) {
        this.#printer ??= await this.#makePrinter(reader);
        const text = this.#printer.print(reader, reader.linkType, this.#packets);
        this.#text += this.#names.unsettled ? await this.#names.settle(text) : text;
        if (lineBuffered || this.#text.length >= BUFFERED) {
          await this.#flush();
          if (this.interrupted) return;
        }
      }
      if (++taken === count) break;
    }
    await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    await this.#io.stdout.write(latin1(text));
  }

  /** The last text, --count's line, and all files closed. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#output?.flush();
    if (this.#settings.countOnly && this.#settings.dump === 0)
      await this.#io.stdout.write(`${this.#packets} packet${plural(this.#packets)}\n`);
    this.#lookup?.close();
    for (const stop of this.#stopListening) stop();
  }
}

/** Bytes of packets that are shown as they are stay the bytes they were. */
export const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
