import type { Action, CommandAction, EventTime, Script, ScriptEvent, ScriptOption } from './ast.js';
import { parseCall } from './parse-call.js';
import { parsePacket } from './parse-packet.js';
import { Scanner } from './scanner.js';

/** Only the options at the head of a script: they are wanted before names can be replaced. */
export function parseOptions(path: string, text: string): ScriptOption[] {
  return readOptions(new Scanner(path, text, new Map()));
}

/** A whole script. `ipv6`: which addresses and ICMP names packets have. Throws ScriptError with file and line. */
export function parseScript(path: string, text: string, definitions: ReadonlyMap<string, string>): Script {
  const scanner = new Scanner(path, text, definitions);
  const options = readOptions(scanner);
  const before = readCommands(scanner);
  const events: ScriptEvent[] = [];
  while (!scanner.ended && !scanner.sees('`')) events.push(readEvent(scanner));
  const after = readCommands(scanner);
  if (!scanner.ended) scanner.expected('a time');
  if (events.length === 0) scanner.fail('parse error: there is no event');
  return { path, options, before, events, after };
}

function readOptions(scanner: Scanner): ScriptOption[] {
  const options: ScriptOption[] = [];
  while (scanner.sees('--')) {
    const { line } = scanner;
    const name = scanner.match(/--([A-Za-z0-9_-]+)/y)?.[1] ?? scanner.expected('an option');
    let value: string | null = null;
    if (scanner.text[scanner.at] === '=' || scanner.sees('=')) {
      scanner.wants('=');
      scanner.skip();
      value = readValue(scanner);
    }
    options.push({ line, name, value });
  }
  return options;
}

/** `WORD`, a number, an address, a quoted text, or NAME=one of these. */
function readValue(scanner: Scanner): string {
  const plain = scanner.match(/[^\s"`=]+/y)?.[0] ?? '';
  const assigned = plain !== '' && scanner.text[scanner.at] === '=';
  if (assigned) scanner.at++;
  const quote = scanner.text[scanner.at];
  const before = assigned ? `${plain}=` : plain;
  if (quote !== '"' && quote !== '`') return assigned ? before + (scanner.match(/[^\s"`]+/y)?.[0] ?? '') : plain;
  const text = scanner.quoted(quote);
  return assigned ? `${before}${quote}${text}${quote}` : text;
}

function readCommands(scanner: Scanner): CommandAction[] {
  const commands: CommandAction[] = [];
  while (scanner.sees('`')) commands.push(readCommand(scanner));
  return commands;
}

function readCommand(scanner: Scanner): CommandAction {
  const { line } = scanner;
  // Inside backticks a shell would take these three back too.
  const text = scanner.quoted('`').replace(/\\([`])/g, '$1');
  return { kind: 'command', line, text };
}

function readEvent(scanner: Scanner): ScriptEvent {
  scanner.skip();
  const { line } = scanner;
  const start = scanner.at;
  const time = readTime(scanner);
  const action = readAction(scanner);
  const ofPacket = action.kind === 'packet' && action.outbound;
  if (time.kind === 'any' && !ofPacket) scanner.fail('semantic error: event time <star> can only be used with outbound packets', start);
  if ((time.kind === 'absoluteRange' || time.kind === 'relativeRange') && !ofPacket)
    scanner.fail('semantic error: event time range can only be used with outbound packets', start);
  return { line, time, action };
}

function readTime(scanner: Scanner): EventTime {
  if (scanner.takes('*')) return { kind: 'any' };
  const relative = scanner.takes('+');
  const us = scanner.time();
  if (!scanner.takes('~')) return { kind: relative ? 'relative' : 'absolute', us };
  if (relative) scanner.wants('+');
  const endUs = scanner.time();
  if (endUs < us) scanner.fail('semantic error: time range is backwards');
  return { kind: relative ? 'relativeRange' : 'absoluteRange', us, endUs };
}

function readAction(scanner: Scanner): Action {
  if (scanner.sees('`')) return readCommand(scanner);
  if (scanner.takes('%{')) {
    const end = scanner.text.indexOf('}%', scanner.at);
    if (end < 0) scanner.fail('parse error: the code that opens here is not closed by }%');
    const text = scanner.text.slice(scanner.at, end);
    scanner.at = end + 2;
    return { kind: 'code', text };
  }
  if (scanner.sees('<') || scanner.sees('>')) return parsePacket(scanner);
  return parseCall(scanner);
}
