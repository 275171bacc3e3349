import { EPIPE } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Command, CommandEnvironment, CommandIo } from '../../client/command.js';
import { socketMaker } from '../../client/sockets.js';
import { CommandFailure } from '../shared/failure.js';
import { configure, configure6, openEchoSocket } from './echo-socket.js';
import { buildIpOptions } from './ip-options.js';
import { addressText, HostNames, parseAddress } from './names.js';
import { die } from './numbers.js';
import { parsePing, type PingOptions } from './options.js';
import { deviceHasAddress, findWay } from './probe.js';
import { Session } from './session.js';

/** `ping`: sends ICMP echo requests and tells of the replies, as iputils' does. */
export const command: Command = async (argv, io, env) => {
  try {
    const parsed = parsePing(argv, io.processes.uid);
    if ('version' in parsed) {
      await io.stdout.write(parsed.version);
      return 0;
    }
    if (parsed.options.warnings !== '') await io.stderr.write(parsed.options.warnings);
    return await ping(parsed.options, parsed.operands, io, env);
  } catch (error) {
    if (error instanceof CommandFailure) {
      await io.stderr.write(error.text);
      return error.status;
    }
    // A closed pipe ends it as a signal would, without a word.
    if (!(error instanceof NetError) || error.errno === EPIPE) throw error;
    await io.stderr.write(`ping: ${error.message}\n`);
    return 2;
  }
};

async function ping(options: PingOptions, operands: readonly string[], io: CommandIo, env: CommandEnvironment): Promise<number> {
  const name = operands.at(-1)!;
  const hosts = await HostNames.read(io.files);
  const address = hosts.lookup(name, options.family);
  const v6 = address.length === 16;
  const link = v6 ? (/%(.+)$/.exec(name)?.[1] ?? '') : '';
  const route = v6 ? [] : operands.map((operand) => hosts.lookup(operand, 4));
  const unspecified = address.every((byte) => byte === 0);
  const destination = unspecified ? (v6 ? parseAddress('::1')! : Uint8Array.of(127, 0, 0, 1)) : address;
  const numeric = options.numeric || parseAddress(name) !== null;

  const transport = await env.transport();
  const sockets = await socketMaker(transport, env.variables);
  try {
    const given = sourceAddress(options);
    // Whose source is given needs no way: sending will tell.
    const way = given === null ? await findWay(sockets, options, destination, link) : { source: given, broadcast: false };
    if (way.broadcast) await io.stderr.write('WARNING: pinging broadcast address\n');
    const { source } = way;
    if (options.device !== '' && !(await deviceHasAddress(transport, options.device, source)))
      await io.stderr.write(`ping: Warning: source address might be selected on device other than: ${options.device}\n`);
    const echo = await openEchoSocket(sockets, options.identifier === 0, v6);
    const ipOptions = v6 ? new Uint8Array(0) : buildIpOptions(options, route);
    // The real ping leaves the choice to the kernel, which draws one as well.
    if (options.flowLabel === 0) options.flowLabel = ((randomIdentifier(io) << 4) | (randomIdentifier(io) & 15)) & 0xf_ffff;
    const warnings = v6
      ? await configure6(echo, options, link, source, destination)
      : await configure(echo, options, source, destination, ipOptions);
    if (warnings !== '') await io.stderr.write(warnings);
    await io.stdout.write(firstLines(options, name, destination, source, ipOptions.length));
    const identifier = options.identifier >= 0 ? options.identifier : randomIdentifier(io);
    const scoped = (bytes: Uint8Array) => (link !== '' && bytes[0] === 0xfe ? `${addressText(bytes)}%${link}` : addressText(bytes));
    const describe = (bytes: Uint8Array) => (numeric ? scoped(bytes) : hosts.describe(bytes));
    return await new Session(io, echo, options, { name, address: destination, identifier, describe }).run();
  } finally {
    sockets.close();
  }
}

function sourceAddress(options: PingOptions): Uint8Array | null {
  if (options.sourceText === '') return null;
  return parseAddress(options.sourceText) ?? fail(`invalid source address: ${options.sourceText}`);
}

const fail = (text: string): never => {
  throw die(text);
};

function firstLines(options: PingOptions, name: string, destination: Uint8Array, source: Uint8Array, optionBytes: number): string {
  const pattern =
    options.pattern === null ? '' : `PATTERN: 0x${[...options.pattern].map((byte) => byte.toString(16).padStart(2, '0')).join('')}\n`;
  const from =
    options.device !== '' || options.strictSource || options.sourceText !== '' ? `from ${addressText(source)} ${options.device}: ` : '';
  if (destination.length === 16) {
    const link = /%.+$/.exec(name)?.[0] ?? '';
    const flow = options.flowLabel > 0 ? `, flow 0x${options.flowLabel.toString(16).padStart(5, '0')}, ` : '';
    return `${pattern}PING ${name}(${addressText(destination)}${link}) ${flow}${from}${options.dataBytes} data bytes\n`;
  }
  const whole = options.dataBytes + 8 + optionBytes + 20;
  return `${pattern}PING ${name} (${addressText(destination)}) ${from}${options.dataBytes}(${whole}) bytes of data.\n`;
}

/** Different for two pings at a time: a mix of the bits of the clock. */
function randomIdentifier(io: CommandIo): number {
  const us = io.nowUs();
  return (Math.imul((us % 0x1_0000_0000) | 0, 0x9e3779b1) >>> 16) & 0xffff;
}
