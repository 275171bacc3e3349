import { EMSGSIZE, ENOENT, EOPNOTSUPP, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import { DumpError, NetlinkClient, type NetlinkClientOptions, type Request } from '../../client/netlink-client.js';
import type { AttributeShape, StructCodec } from '../../netlink/attributes.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import type { MessageSchema } from '../../netlink/schema.js';
import { formatAddress } from '../shared/address.js';
import { painterFor } from '../shared/color.js';
import { CommandFailure, failure, fatal, noSuchDevice } from '../shared/failure.js';
import { NameFiles } from '../shared/name-files.js';
import { Printer } from '../shared/printer.js';
import { LinkCache } from './links.js';
import { NamespaceNames } from './namespace-names.js';
import { Pipeline, PipelineStopped } from './pipeline.js';
import type { IpOptions } from './options.js';

type Fields = ConstructorParameters<typeof StructCodec>[0];

/** "Error: text." of an extended ACK, else "RTNETLINK answers: ..." */
export function answerText(error: NetError): string {
  if (error.extack !== undefined && error.extack !== '') return sentence('Error', error.extack);
  return `RTNETLINK answers: ${strerror(error.errno)}`;
}

const sentence = (kind: string, text: string) => `${kind}: ${text}${text.endsWith('.') ? '' : '.'}`;

/** What all objects of `ip` work with: options, output, name files, devices, and the netlink socket, opened at first use. */
export class IpContext {
  readonly io: CommandIo;
  readonly env: CommandEnvironment;
  readonly options: IpOptions;
  readonly out: Printer;
  readonly names: NameFiles;
  readonly links: LinkCache;
  readonly namespaces: NamespaceNames;
  #client: Promise<NetlinkClient> | null = null;
  #pipeline: Pipeline | null = null;

  constructor(io: CommandIo, env: CommandEnvironment, options: IpOptions) {
    this.io = io;
    // What goes another way to the stack goes behind what is under way.
    this.env = {
      ...env,
      transport: async () => {
        await this.#pipeline?.settle();
        return env.transport();
      },
    };
    this.options = options;
    this.out = new Printer({
      json: options.json,
      pretty: options.pretty,
      oneline: options.oneline,
      paint: options.json ? null : painterFor(options.color, io.stdout.isTerminal, env.variables['COLORFGBG']),
      write: (text) => io.stdout.write(text),
    });
    this.names = new NameFiles(io, env, options.numeric);
    this.links = new LinkCache(() => this.client());
    this.namespaces = new NamespaceNames(this);
  }

  /** Reads what all commands of this line look up: with -resolve the hosts file. */
  async prepare(): Promise<void> {
    if (this.options.resolve && this.#hosts === null) this.#hosts = await (await import('../shared/hosts.js')).readHosts(this.io, this.env);
  }
  #hosts: ReadonlyMap<string, string> | null = null;

  /** An address as text, or with -resolve as its name in the hosts file. */
  host(family: number, bytes: Uint8Array): string {
    const text = formatAddress(family, bytes);
    return this.#hosts?.get(text) ?? text;
  }

  /** The rtnetlink socket in the namespace that -n names, shared by all lines of a batch. */
  async client(): Promise<NetlinkClient> {
    if (this.#pipeline !== null) await this.#pipeline.settle();
    this.#client ??= this.open();
    return this.#client;
  }

  /** From now on acknowledged requests do not wait for their answers; who needs an answer waits for all. */
  startPipeline(pipeline: Pipeline): void {
    this.#pipeline = pipeline;
  }

  endPipeline(): void {
    this.#pipeline = null;
  }

  /** A socket of its own. */
  async open(signal?: AbortSignal, options: Pick<NetlinkClientOptions, 'protocol' | 'strict'> = {}): Promise<NetlinkClient> {
    const transport = await this.env.transport();
    try {
      return await NetlinkClient.open(transport, {
        namespace: this.options.netns,
        receiveBuffer: this.options.receiveBuffer,
        signal: signal ?? this.io.signal,
        onWarning: (text) => this.complain(sentence('Warning', text)),
        onInterrupted: () => this.complain('Dump was interrupted and may be inconsistent.'),
        ...options,
      });
    } catch (error) {
      if (error instanceof NetError && this.options.netns !== undefined && error.errno === ENOENT)
        throw fatal(`Cannot open network namespace "${this.options.netns}": ${strerror(error.errno)}`);
      throw error;
    }
  }

  async close(): Promise<void> {
    const opened = this.#client;
    this.#client = null;
    // One that could not be opened was reported where it was wanted.
    await opened?.then(
      (client) => client.close(),
      () => undefined,
    );
  }

  /** A line to stderr that does not end the command. */
  complain(line: string): void {
    this.#complaints.push(line);
  }
  readonly #complaints: string[] = [];

  /** Has something been printed that flush() has to bring out? */
  get unflushed(): boolean {
    return this.out.hasText || this.#complaints.length > 0;
  }

  /** Everything printed so far goes out. */
  async flush(): Promise<void> {
    if (this.#pipeline !== null && this.unflushed) await this.#pipeline.settle();
    await this.out.flush();
    if (this.#complaints.length > 0) await this.io.stderr.write(`${this.#complaints.splice(0).join('\n')}\n`);
  }

  /** A request that is acknowledged. The kernel's refusal is exit status 2. A promise only where something is waited for. */
  request<F extends Fields, S extends AttributeShape>(schema: MessageSchema<F, S>, request: Request<F, S>): void | Promise<void> {
    return this.#pipeline === null ? this.#request(schema, request) : this.#pipeline.post(schema, request);
  }

  async #request<F extends Fields, S extends AttributeShape>(schema: MessageSchema<F, S>, request: Request<F, S>): Promise<void> {
    const client = await this.client();
    try {
      await client.request(schema, request);
    } catch (error) {
      throw this.refused(error);
    }
  }

  /**
   * Requests that go out many at a time. The first that fails is thrown, as a NetError; as when the real tool flushes, later
   * ones may have been carried out by then.
   */
  async requestAll<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    requests: Iterable<Request<F, S>>,
  ): Promise<void> {
    const pipeline = new Pipeline(await this.client(), this.#pipeline?.stopsAtError ?? false);
    try {
      for (const request of requests) {
        const waiting = pipeline.post(schema, request);
        if (waiting !== undefined) await waiting;
        if (pipeline.failures.length > 0) break;
      }
      await pipeline.settle();
    } catch (error) {
      if (!(error instanceof PipelineStopped)) throw error;
    }
    const [failed] = pipeline.failures;
    if (failed !== undefined) throw failed.error;
  }

  /** A request that a message answers. */
  async get<F extends Fields, S extends AttributeShape>(schema: MessageSchema<F, S>, request: Request<F, S>): Promise<NetlinkMessage> {
    const client = await this.client();
    try {
      const answer = await client.get(schema, request);
      if (answer === null) throw failure('', 2);
      return answer;
    } catch (error) {
      throw this.refused(error);
    }
  }

  /** The messages of a dump; one that breaks off ends the command with `status`. */
  async *dump<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    request: Request<F, S>,
    status = 1,
  ): AsyncGenerator<NetlinkMessage> {
    for await (const messages of this.dumpDatagrams(schema, request, status)) yield* messages;
  }

  /** As dump(), datagram by datagram. */
  async *dumpDatagrams<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    request: Request<F, S>,
    status = 1,
  ): AsyncGenerator<readonly NetlinkMessage[]> {
    const client = await this.client();
    try {
      yield* client.dumpDatagrams(schema, request);
    } catch (error) {
      if (!(error instanceof DumpError)) throw this.refused(error);
      throw failure([...dumpErrorText(error), 'Dump terminated'].join('\n'), status);
    }
  }

  /** A NetError of a request as the command's failure; other errors as they are. */
  refused(error: unknown): unknown {
    return error instanceof NetError && error.code !== 'ECONNRESET' && error.code !== 'EINTR'
      ? new CommandFailure(2, `${answerText(error)}\n`)
      : error;
  }

  /** The index of a device that must exist. */
  device(name: string): number | Promise<number> {
    return this.links.known(name) ?? this.#device(name);
  }

  async #device(name: string): Promise<number> {
    const index = await this.links.indexOf(name);
    if (index === 0) throw noSuchDevice(name);
    return index;
  }
}

function dumpErrorText(error: DumpError): string[] {
  if (!error.inDone) return [`RTNETLINK answers: ${strerror(error.errno)}`];
  if (error.extack !== undefined) return [answerText(error)];
  if (error.errno === ENOENT || error.errno === EOPNOTSUPP) return [];
  if (error.errno === EMSGSIZE) return ['Error: Buffer too small for object.'];
  return [answerText(error)];
}
