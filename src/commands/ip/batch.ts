import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { readAll } from '../../client/command.js';
import { Cursor } from '../shared/cursor.js';
import { CommandFailure, failure } from '../shared/failure.js';
import { TAPSTACK_STOP_AT_ERROR } from '../../netlink/constants.js';
import { answerText, type IpContext } from './context.js';
import { Pipeline, PipelineStopped } from './pipeline.js';

type Run = (context: IpContext, cursor: Cursor) => number | Promise<number>;

/** Objects whose commands make and change no devices (`ip route`, `ip neigh`, `ip addr`, `ip rule`). */
const KEEPS_LINKS = /^(r\w*|n|ne|nei\w*|a\w*)$/;

/** Runs the lines of a file ("-": standard input) as commands over one connection. Status 1 when one of them failed. */
export async function runBatch(context: IpContext, file: string, run: Run): Promise<number> {
  const text = file === '-' ? await readAll(context.io.stdin) : await readFile(context, file);
  const batch = new Batch(context, file, await openPipeline(context));
  const family = context.options.family;
  try {
    for (const { words, line } of commandLines(text)) {
      context.options.family = family;
      if (words.length === 0) continue;
      if (!(await batch.runLine(words, line, run))) break;
    }
    await batch.settle();
  } catch (error) {
    // What ends everything (exit() in the real tool) comes behind the answers that are under way.
    if (await batch.settle()) throw error;
  } finally {
    context.endPipeline();
  }
  return batch.status;
}

/** On a stack requests need not wait for each other's answers; a kernel would not stop at one that fails. */
async function openPipeline(context: IpContext): Promise<Pipeline | null> {
  const { target } = await context.env.transport();
  if (target !== 'stack') return null;
  const client = await context.client();
  if (!context.options.force) await client.setOption(TAPSTACK_STOP_AT_ERROR, 1);
  const pipeline = new Pipeline(client, !context.options.force);
  context.startPipeline(pipeline);
  return pipeline;
}

/** A batch under way: what has failed, and whether it goes on. */
class Batch {
  readonly #context: IpContext;
  readonly #file: string;
  readonly #pipeline: Pipeline | null;
  status = 0;

  constructor(context: IpContext, file: string, pipeline: Pipeline | null) {
    this.#context = context;
    this.#file = file;
    this.#pipeline = pipeline;
  }

  /** False: the batch ends here. What ends the whole process in the real tool is thrown. */
  async runLine(words: readonly string[], line: number, run: Run): Promise<boolean> {
    const context = this.#context;
    if (this.#pipeline !== null) this.#pipeline.line = line;
    let failed = false;
    try {
      const running = run(context, new Cursor(words));
      failed = (typeof running === 'number' ? running : await running) !== 0;
      if (context.unflushed) await context.flush();
    } catch (error) {
      if (error instanceof PipelineStopped) return this.#stop();
      if (!(error instanceof CommandFailure) || error.final) throw error;
      if (!(await this.settle())) return false;
      await context.flush();
      await context.io.stderr.write(error.text);
      failed = true;
    }
    // Devices change by lines about links and namespaces; the others leave what is known of them as it is.
    if (!KEEPS_LINKS.test(words[0] ?? '')) {
      context.links.reset();
      context.namespaces.reset();
    }
    if (this.#pipeline !== null && this.#pipeline.failures.length > 0) await this.#report();
    if (!failed) return this.status === 0 || context.options.force;
    if (!(await this.settle())) return false;
    await this.#failedAt(line);
    return context.options.force;
  }

  /** Waits for all answers and reports failures; false when the batch has ended by one. */
  async settle(): Promise<boolean> {
    try {
      await this.#pipeline?.settle();
    } catch (error) {
      if (!(error instanceof PipelineStopped)) throw error;
      return this.#stop();
    }
    await this.#report();
    return true;
  }

  async #stop(): Promise<false> {
    this.#context.out.discard();
    await this.#report();
    return false;
  }

  async #report(): Promise<void> {
    for (const { line, error } of this.#pipeline?.failures.splice(0) ?? []) {
      await this.#context.io.stderr.write(`${answerText(error)}\n`);
      await this.#failedAt(line);
    }
  }

  async #failedAt(line: number): Promise<void> {
    await this.#context.io.stderr.write(`Command failed ${this.#file}:${line}\n`);
    this.status = 1;
  }
}

async function readFile(context: IpContext, file: string): Promise<string> {
  try {
    return new TextDecoder().decode(await context.io.files.read(file));
  } catch (error) {
    if (error instanceof NetError) throw failure(`Cannot open file "${file}" for reading: ${strerror(error.errno)}`);
    throw error;
  }
}

export interface CommandLine {
  readonly words: readonly string[];
  /** Number of its last line, from 1 on. */
  readonly line: number;
}

/** Lines as words: # begins a comment, a backslash at the end joins the next line, quotes of both kinds keep words together. */
export function* commandLines(text: string): Generator<CommandLine> {
  let joined = '';
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    const raw = text.slice(at, end);
    at = end + 1;
    number++;
    const comment = raw.indexOf('#');
    const line = comment === -1 ? raw : raw.slice(0, comment);
    if (at < text.length && line.endsWith('\\')) {
      joined += line.slice(0, -1);
      continue;
    }
    yield { words: splitWords(joined + line), line: number };
    joined = '';
  }
}

export function splitWords(line: string): string[] {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line.charCodeAt(at))) at++;
    if (at >= line.length) return words;
    const first = line.charCodeAt(at);
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
      const closing = line.indexOf(line[at]!, at + 1);
      words.push(line.slice(at + 1, closing === -1 ? line.length : closing));
      at = closing === -1 ? line.length : closing + 1;
      continue;
    }
    const start = at;
    while (at < line.length && !isSpace(line.charCodeAt(at))) at++;
    words.push(line.slice(start, at));
  }
}
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;

/** Space, tab, newline, vertical tab, form feed, carriage return. */
const isSpace = (code: number): boolean => code === 0x20 || (code >= 9 && code <= 13);
