import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { readAll } from '../../client/command.js';
import { Cursor } from '../shared/cursor.js';
import { CommandFailure, failure } from '../shared/failure.js';
import type { IpContext } from './context.js';

type Run = (context: IpContext, cursor: Cursor) => Promise<number>;

/** Runs the lines of a file ("-": standard input) as commands over one connection. Status 1 when one of them failed. */
export async function runBatch(context: IpContext, file: string, run: Run): Promise<number> {
  const text = file === '-' ? await readAll(context.io.stdin) : await readFile(context, file);
  const family = context.options.family;
  let status = 0;
  for (const { words, line } of commandLines(text)) {
    context.options.family = family;
    if (words.length === 0) continue;
    if ((await runLine(context, words, run)) === 0) continue;
    await context.io.stderr.write(`Command failed ${file}:${line}\n`);
    status = 1;
    if (!context.options.force) break;
  }
  return status;
}

async function readFile(context: IpContext, file: string): Promise<string> {
  try {
    return new TextDecoder().decode(await context.io.files.read(file));
  } catch (error) {
    if (error instanceof NetError) throw failure(`Cannot open file "${file}" for reading: ${strerror(error.errno)}`);
    throw error;
  }
}

/** A line's status; what ends the whole process in the real tool ends the batch. */
async function runLine(context: IpContext, words: readonly string[], run: Run): Promise<number> {
  try {
    return await run(context, new Cursor(words));
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.final) throw error;
    await context.flush();
    await context.io.stderr.write(error.text);
    return error.status;
  } finally {
    await context.flush();
    context.links.reset();
    context.namespaces.reset();
  }
}

export interface CommandLine {
  readonly words: readonly string[];
  /** Number of its last line, from 1 on. */
  readonly line: number;
}

/** Lines as words: # begins a comment, a backslash at the end joins the next line, quotes of both kinds keep words together. */
export function* commandLines(text: string): Generator<CommandLine> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let joined = '';
  for (const [index, raw] of lines.entries()) {
    const comment = raw.indexOf('#');
    const line = comment === -1 ? raw : raw.slice(0, comment);
    if (line.endsWith('\\') && index + 1 < lines.length) {
      joined += line.slice(0, -1);
      continue;
    }
    yield { words: splitWords(joined + line), line: index + 1 };
    joined = '';
  }
}

export function splitWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /\s*(?:"([^"]*)"?|'([^']*)'?|(\S+))/y;
  const trimmed = line.trimEnd();
  while (pattern.lastIndex < trimmed.length) {
    const match = pattern.exec(trimmed);
    if (match === null) break;
    words.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return words;
}
