// -i: packets of devices, -D, -L and -J.

import { EACCES, ENODEV, EPERM, strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { dumpProgram } from '../../../bpf/disassemble.js';
import { encodeProgram } from '../../../bpf/instruction.js';
import type { CaptureMaker, PacketCapture } from '../../../client/capture-port.js';
import type { CommandEnvironment, CommandIo } from '../../../client/command.js';
import { stackCaptures } from '../../../client/stack-capture.js';
import type { Transport } from '../../../client/transport.js';
import { IFF_LOOPBACK } from '../../../netlink/rtnl/constants.js';
import { compileFilter, hasNames } from '../filter/compile.js';
import { readFilterNames } from '../filter/names.js';
import { hasLoop, PacketFilter } from '../filter/packet-filter.js';
import { DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NETLINK, linkTypeDescription, linkTypeName } from '../link-types.js';
import { type LocalNetwork, Names } from '../names.js';
import { die, MAXIMUM_SNAPSHOT, type Settings } from '../options.js';
import { OutputFiles } from '../output-files.js';
import { PacketPrinter } from '../print-packet.js';
import { ReverseLookup } from '../reverse-lookup.js';
import { latin1 } from '../savefiles.js';
import { displayOptions, dumpOptions, linkTypeText } from '../summary.js';
import { Timestamps } from '../timestamps.js';
import { plural } from '../words.js';
import { ANY, type CaptureDevice, captureDevices, deviceLinkTypes, deviceList } from './devices.js';
import { EVERYWHERE, localNetwork } from './local-network.js';
import { LivePacket } from './packets.js';

/** Packets taken before others have a turn. */
const BATCH = 256;

/** Packets of a device, until a signal or the count of -c. `filter` reads the filter's text. */
export async function capture(settings: Settings, filter: () => Promise<string>, io: CommandIo, env: CommandEnvironment): Promise<number> {
  const transport = await env.transport();
  const devices = await captureDevices(transport);
  if (settings.listDevices) {
    await io.stdout.write(deviceList(devices));
    return 0;
  }
  if (!settings.listTimestampTypes) await refuseModes(settings, devices, io);
  const device = findDevice(settings.device, devices);
  if (settings.listTimestampTypes) {
    await io.stderr.write(`Time stamp types for ${device.name} (use option -j to set):\n  host (Host)\n`);
    return 0;
  }
  if (settings.listLinkTypes) {
    await io.stderr.write(linkTypeList(device));
    return 0;
  }
  const linkType = await chosenLinkType(settings, device, io);
  const snapshot = settings.snapshot === 0 ? MAXIMUM_SNAPSHOT : settings.snapshot;
  const text = await filter();
  const cooked = linkType === DLT_LINUX_SLL || linkType === DLT_LINUX_SLL2 || linkType === DLT_NETLINK;
  const program = compileFilter(text, {
    linkType,
    snapshot,
    optimise: settings.optimise,
    vlanMetadata: !cooked,
    ...(hasNames(text) ? { names: await readFilterNames(io.files) } : {}),
  });
  if (settings.dump > 0) {
    await io.stdout.write(dumpProgram(program, settings.dump >= 3 ? 3 : settings.dump === 2 ? 2 : 1));
    return 0;
  }
  const maker = await captureMaker(transport);
  // Where packets have a header that is made here, the filter runs here too: it looks at that header.
  const filtersHere = cooked || hasLoop(program);
  let socket: PacketCapture;
  try {
    socket = await maker.open({
      ifindex: device.index,
      cooked,
      promiscuous: settings.promiscuous,
      program: filtersHere ? null : encodeProgram(program),
      snapshot,
      bufferBytes: settings.bufferBytes,
    });
  } catch (error) {
    throw openFailure(device.name, error);
  }
  const loopback = devices.find(({ flags }) => (flags & IFF_LOOPBACK) !== 0)?.index ?? -1;
  const packet = new LivePacket(socket, linkType, settings.nanoseconds, settings.direction, loopback);
  const lookup = new ReverseLookup(io, env);
  const run = new LiveRun(settings, io, socket, packet, linkType, filtersHere ? new PacketFilter(program) : null, snapshot, lookup);
  try {
    return await run.run(device.name, devices, settings.foreign ? await localNetwork(device, transport, io) : EVERYWHERE);
  } finally {
    lookup.close();
    socket.close();
  }
}

async function captureMaker(transport: Transport): Promise<CaptureMaker> {
  if (transport.captures !== undefined) return transport.captures();
  if (transport.target === 'stack') return stackCaptures(transport);
  throw die('capturing on the host needs koffi, which does not load on this machine');
}

/** -I and -j, which ask for what no device here has: said before it is known whether the device is there. */
async function refuseModes(
  { device, monitorMode, timestampType }: Settings,
  devices: readonly CaptureDevice[],
  io: CommandIo,
): Promise<void> {
  const name = device === '' ? findDevice(device, devices).name : device;
  if (timestampType !== '' && timestampType !== 'host')
    await io.stderr.write(
      `tcpdump: WARNING: When trying to set timestamp type '${timestampType}' on ${name}: That type of time stamp is not supported by that device\n`,
    );
  if (monitorMode) throw die(`${name}: That device doesn't support monitor mode`);
}

function findDevice(name: string, devices: readonly CaptureDevice[]): CaptureDevice {
  if (name === '') return devices[0] ?? fail('no interfaces available for capture');
  const found = devices.find((device) => device.name === name);
  if (found !== undefined) return found;
  if (/^\d+$/.test(name)) return devices[Number(name) - 1] ?? fail('Invalid adapter index');
  return fail(`${name}: No such device exists\n(No such device exists)`);
}

const fail = (text: string): never => {
  throw die(text);
};

function openFailure(name: string, error: unknown): unknown {
  if (!(error instanceof NetError)) return error;
  if (error.errno === EPERM || error.errno === EACCES)
    return die(`${name}: You don't have permission to perform this capture on that device\n(socket: ${strerror(error.errno)})`);
  if (error.errno === ENODEV) return die(`${name}: No such device exists\n(${strerror(error.errno)})`);
  return die(`${name}: ${strerror(error.errno)}`);
}

function linkTypeList(device: CaptureDevice): string {
  const lines = deviceLinkTypes(device).map((type) => `  ${linkTypeName(type)} (${linkTypeDescription(type)})\n`);
  return `Data link types for ${device.name} (use option -y to set):\n${lines.join('')}`;
}

/** -y's, or the device's own; "any" is of the second cooked form. */
async function chosenLinkType(settings: Settings, device: CaptureDevice, io: CommandIo): Promise<number> {
  const types = deviceLinkTypes(device);
  const wanted = settings.linkType >= 0 ? settings.linkType : device.name === ANY ? DLT_LINUX_SLL2 : -1;
  if (wanted < 0) return types[0]!;
  if (!types.includes(wanted)) {
    const name = linkTypeName(wanted);
    throw die(`${name ?? `DLT ${wanted}`} is not one of the DLTs supported by this device`);
  }
  await io.stderr.write(`tcpdump: data link type ${linkTypeName(wanted)}\n`);
  return wanted;
}

class LiveRun {
  readonly #settings: Settings;
  readonly #io: CommandIo;
  readonly #socket: PacketCapture;
  readonly #packet: LivePacket;
  readonly #linkType: number;
  readonly #filter: PacketFilter | null;
  readonly #snapshot: number;
  /** Ends the present wait for packets. */
  #wake = new AbortController();
  #printer: PacketPrinter | null = null;
  #names = new Names(true);
  readonly #lookup: ReverseLookup;
  #output: OutputFiles | null = null;
  #packets = 0;
  #received = 0;
  #dropped = 0;
  #wantsInfo = false;
  #interrupted = false;
  #text = '';

  constructor(
    settings: Settings,
    io: CommandIo,
    socket: PacketCapture,
    packet: LivePacket,
    linkType: number,
    filter: PacketFilter | null,
    snapshot: number,
    lookup: ReverseLookup,
  ) {
    this.#lookup = lookup;
    this.#settings = settings;
    this.#io = io;
    this.#socket = socket;
    this.#packet = packet;
    this.#linkType = linkType;
    this.#filter = filter;
    this.#snapshot = snapshot;
  }

  async run(deviceName: string, devices: readonly CaptureDevice[], local: LocalNetwork): Promise<number> {
    const { writeFile, verbose } = this.#settings;
    const io = this.#io;
    const interrupt = () => {
      this.#interrupted = true;
      this.#lookup.stop();
      this.#wake.abort();
    };
    const listening = [
      io.onSignal('SIGINT', interrupt),
      io.onSignal('SIGTERM', interrupt),
      io.onSignal('SIGUSR1', () => {
        this.#wantsInfo = true;
        this.#wake.abort();
      }),
    ];
    io.signal.addEventListener('abort', interrupt, { once: true });
    try {
      await this.#prepare(devices, local);
      const about = `listening on ${deviceName}, link-type ${linkTypeText(this.#linkType)}, snapshot length ${this.#snapshot} bytes\n`;
      await io.stderr.write(
        verbose === 0 && writeFile === ''
          ? `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n${about}`
          : `tcpdump: ${about}`,
      );
      const status = await this.#loop();
      if (writeFile === '' && this.#interrupted) await io.stdout.write('\n');
      await this.#output?.flush();
      await this.#info(true);
      return status;
    } finally {
      io.signal.removeEventListener('abort', interrupt);
      for (const stop of listening) stop();
    }
  }

  async #prepare(devices: readonly CaptureDevice[], local: LocalNetwork): Promise<void> {
    const { writeFile, print, numeric, shortHosts, timestamps, nanoseconds, numbered } = this.#settings;
    if (writeFile !== '') this.#output = await OutputFiles.open(this.#io, this.#settings, this.#linkType, this.#snapshot);
    if (writeFile !== '' && !print) return;
    if (numeric === 0) {
      this.#names = await Names.read(this.#io.files, shortHosts);
      this.#names.source = this.#lookup;
      this.#names.local = local;
    }
    const names = this.#names;
    names.deviceNames = new Map(devices.map(({ index, name }) => [index, name]));
    const times = new Timestamps(timestamps, nanoseconds);
    this.#printer = new PacketPrinter(displayOptions(this.#settings), dumpOptions(this.#settings), names, times, numbered);
  }

  /** Returns the exit status. */
  async #loop(): Promise<number> {
    while (!this.#interrupted) {
      let more: boolean;
      try {
        more = await this.#batch();
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        await this.#flush();
        await this.#io.stderr.write(`tcpdump: pcap_loop: The interface disappeared\n`);
        return 1;
      }
      await this.#flush();
      if (!more) return 0;
      if (this.#wantsInfo) await this.#info(false);
    }
    return 0;
  }

  /** What is there, some packets at most, or a wait for it. False: the count of -c is reached. */
  async #batch(): Promise<boolean> {
    const socket = this.#socket;
    for (let i = 0; i < BATCH; i++) {
      if (!socket.next()) {
        await this.#flush();
        this.#wake = new AbortController();
        if (!this.#interrupted && !this.#wantsInfo) await socket.wait(this.#wake.signal);
        return true;
      }
      if (!this.#packet.take()) continue;
      if (this.#filter !== null && !this.#filter.takes(this.#packet)) continue;
      this.#packets++;
      if (this.#output !== null) {
        const added = await this.#output.add(this.#packet);
        if (added === 'limit reached') {
          await this.#io.stderr.write(`Maximum file limit reached: ${this.#settings.fileCount}\n`);
          return false;
        }
      }
      if (this.#printer !== null) {
        const text = this.#printer.print(this.#packet, this.#linkType, this.#packets);
        this.#text += this.#names.unsettled ? await this.#names.settle(text) : text;
      }
      if (this.#packets === this.#settings.count || this.#interrupted) return false;
    }
    // Signals come between batches.
    await this.#io.sleepUs(0);
    return true;
  }

  async #flush(): Promise<void> {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    await this.#io.stdout.write(latin1(text));
  }

  /** The counts: at the end a line each, on SIGUSR1 all in one. */
  async #info(final: boolean): Promise<void> {
    this.#wantsInfo = false;
    const { received, dropped } = await this.#socket.statistics();
    this.#received += received;
    this.#dropped += dropped;
    const counts = [
      `${this.#packets} packet${plural(this.#packets)} captured`,
      `${this.#received} packet${plural(this.#received)} received by filter`,
      `${this.#dropped} packet${plural(this.#dropped)} dropped by kernel`,
    ];
    await this.#io.stderr.write(final ? `${counts.join('\n')}\n` : `tcpdump: ${counts.join(', ')}\n`);
  }
}
