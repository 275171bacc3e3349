import { ArgumentError, describe, integer } from './calls/arguments.js';
import type { Attempt, Machine, Outcome } from './calls/machine.js';
import { calls } from './calls/registry.js';
import { errorName, symbol } from './calls/symbols.js';
import type { Config } from './config.js';
import type { CallAction, CommandAction, EventTime, PacketAction, Script, ScriptEvent } from './language/ast.js';
import { ScriptError } from './language/script-error.js';
import { connectionFor, inbound, OutboundMatch, PacketProblem } from './packet-events.js';
import { liveText, scriptText } from './packets/packet-text.js';
import { type LivePacket, readPacket } from './packets/live-packet.js';
import { PythonError } from './python/python-error.js';
import { Python } from './python/run.js';
import { nameSocket } from './python/socket-names.js';
import type { Shell } from './shell/shell.js';
import type { World } from './world.js';
import { strerror } from '../base/errno.js';

/** What an event takes of the machine's time: a round trip is never nothing. */
const EVENT_US = 10;
/** How long beyond its time an outbound packet is waited for, so that a late one can be told of. */
const PATIENCE_US = 10_000_000;
/** How long a call that is not said to block may block. */
const CALL_LIMIT_US = 3_600_000_000;

export interface RunnerOutput {
  print(text: string): void;
  warn(text: string): void;
}

interface PendingCall {
  readonly event: ScriptEvent;
  readonly action: CallAction;
  readonly attempt: Attempt;
  readonly endUs: number;
}

/** Runs one script: its events in their order, the clock moved to each. Throws ScriptError for the first thing that is not as it says. */
export class Runner {
  readonly #script: Script;
  readonly #config: Config;
  readonly #world: World;
  readonly #machine: Machine;
  readonly #shell: Shell;
  readonly #python: Python;
  readonly #output: RunnerOutput;
  #startUs = 0;
  #pending: PendingCall | null = null;
  /** Of the event before: its time, and whether it was an inbound packet, whose successor counts from it. */
  #lastUs: number | null = null;
  #lastInbound = false;

  constructor(script: Script, config: Config, world: World, machine: Machine, shell: Shell, output: RunnerOutput) {
    this.#script = script;
    this.#config = config;
    this.#world = world;
    this.#machine = machine;
    this.#shell = shell;
    this.#output = output;
    this.#python = new Python((line) => output.print(`${line}\n`));
  }

  async run(): Promise<void> {
    try {
      for (const command of this.#script.before) await this.#command(command, 'init command');
      this.#world.settle();
      this.#startUs = this.#world.nowUs;
      for (const event of this.#script.events) await this.#event(event);
      this.#finishPending();
    } finally {
      for (const command of this.#script.after) await this.#command(command, 'cleanup command');
    }
  }

  /** Microseconds since the script began. */
  get #nowUs(): number {
    return this.#world.nowUs - this.#startUs;
  }

  #fail(line: number, text: string): never {
    throw new ScriptError(this.#script.path, line, text);
  }

  async #event(event: ScriptEvent): Promise<void> {
    const isInbound = event.action.kind === 'packet' && !event.action.outbound;
    const { time } = event;
    const relative = time.kind === 'relative' || time.kind === 'relativeRange' || time.kind === 'any';
    // Packets that come in one after the other count from each other, so that what the machine takes does not add up.
    const anchored = isInbound && this.#lastInbound && this.#lastUs !== null;
    const offsetUs = relative ? (anchored ? this.#lastUs! : this.#nowUs) : 0;
    const atUs = time.kind === 'any' ? offsetUs : time.us + offsetUs;
    if (this.#lastUs === null && atUs !== 0) this.#fail(event.line, 'first event should be at time 0');
    if (event.action.kind === 'packet' && event.action.outbound) this.#outbound(event, event.action, atUs, offsetUs);
    else {
      this.#advanceTo(atUs);
      this.#checkTime(event, atUs);
      if (event.action.kind === 'packet') this.#inbound(event, event.action);
      else if (event.action.kind === 'call') this.#call(event, event.action, atUs, offsetUs);
      else if (event.action.kind === 'command') {
        await this.#command(event.action, 'command');
        this.#world.settle();
      } else this.#code(event, event.action.text);
    }
    this.#lastUs = atUs;
    this.#lastInbound = isInbound;
  }

  // -- time --------------------------------------------------------------------------------------------------------------------

  /** Lets time go on to `us` of the script, through all that the stack does on the way. */
  #advanceTo(us: number): void {
    const target = us + this.#startUs;
    for (;;) {
      this.#world.settle();
      this.#tryPending();
      const next = this.#nextUs();
      if (next > target) break;
      this.#world.moveTo(next);
    }
    this.#world.moveTo(target);
    this.#world.settle();
    this.#tryPending();
  }

  /** When something happens by itself, after now. */
  #nextUs(): number {
    const now = this.#world.nowUs;
    const next = Math.min(this.#world.nextUs, this.#pending?.attempt.deadlineUs ?? Number.POSITIVE_INFINITY);
    return next <= now ? now + 1 : next;
  }

  /** The tolerance at `us`: fixed, or a share of the time since the event before. */
  #toleranceUs(us: number): number {
    const share = this.#lastUs === null ? 0 : ((us - this.#lastUs) * this.#config.tolerancePercent) / 100;
    return Math.max(this.#config.toleranceUs, share);
  }

  #timeProblem(time: EventTime, atUs: number, offsetUs: number, actualUs: number, what: string): string | null {
    if (time.kind === 'any') return null;
    const tolerance = this.#toleranceUs(atUs);
    const endUs = 'endUs' in time ? time.endUs + offsetUs : atUs;
    if (actualUs >= atUs - tolerance && actualUs <= endUs + tolerance) return null;
    if (time.kind === 'absoluteRange')
      return `timing error: expected ${what} in time range ${seconds(atUs)}~${seconds(endUs)} sec but happened at ${seconds(actualUs)} sec`;
    if (time.kind === 'relativeRange')
      return `timing error: expected ${what} in relative time range +${seconds(time.us)}~+${seconds(time.endUs)} sec but happened at +${seconds(actualUs - offsetUs)} sec`;
    return `timing error: expected ${what} at ${seconds(atUs)} sec but happened at ${seconds(actualUs)} sec; tolerance ${seconds(tolerance)} sec`;
  }

  #checkTime(event: ScriptEvent, atUs: number): void {
    const names = { packet: 'inbound packet', call: 'system call start', command: 'command', code: 'data collection for code' };
    const problem = this.#timeProblem(event.time, atUs, 0, this.#nowUs, names[event.action.kind]);
    if (problem !== null) this.#fail(event.line, problem);
  }

  // -- packets -----------------------------------------------------------------------------------------------------------------

  #inbound(event: ScriptEvent, packet: PacketAction): void {
    try {
      const bytes = inbound(this.#machine, packet, connectionFor(this.#machine, packet));
      if (this.#config.verbose) this.#verbose('inbound injected', readPacket(bytes, this.#world.nowUs, packet.outer.length));
      this.#world.link.inject(bytes);
    } catch (error) {
      if (!(error instanceof PacketProblem)) throw error;
      this.#fail(event.line, `error handling packet: ${error.message}`);
    }
    this.#world.settle();
    this.#world.moveTo(this.#world.nowUs + EVENT_US);
    this.#tryPending();
  }

  #outbound(event: ScriptEvent, packet: PacketAction, atUs: number, offsetUs: number): void {
    const endUs = 'endUs' in event.time ? event.time.endUs + offsetUs : atUs;
    const limitUs =
      event.time.kind === 'any' ? this.#nowUs + CALL_LIMIT_US : Math.max(endUs + this.#toleranceUs(endUs), this.#nowUs) + PATIENCE_US;
    let match: OutboundMatch | null = null;
    try {
      match = new OutboundMatch(this.#machine, packet, connectionFor(this.#machine, packet));
      const actual = this.#await(match, limitUs);
      if (actual === null) throw new PacketProblem(this.#noPacket(match));
      const problem = this.#timeProblem(event.time, atUs, offsetUs, actual.atUs - this.#startUs, 'outbound packet');
      if (problem !== null) throw new PacketProblem(problem, actual);
    } catch (error) {
      if (!(error instanceof PacketProblem)) throw error;
      const shown = error.actual === null ? '' : `\nactual packet: ${this.#at(error.actual.atUs)} ${liveText(error.actual, packet.ip)}`;
      const text = `error handling packet: ${error.message}\nscript packet: ${seconds(atUs).padStart(9)} ${scriptText(packet)}${shown}`;
      if (!this.#config.nonFatal.has('packet')) this.#fail(event.line, text);
      this.#output.warn(`${this.#script.path}:${event.line}: warning: ${text}\n`);
    }
  }

  #noPacket(match: OutboundMatch): string {
    const { seen } = match;
    if (seen !== null) return `live packet payload: only ${seen.payload.length} bytes came until ${seconds(this.#nowUs)} sec`;
    const idle = this.#world.nextUs === Number.POSITIVE_INFINITY ? ', and no timer is left that could send one' : '';
    return `timed out waiting for packet until ${seconds(this.#nowUs)} sec${idle}`;
  }

  /** The packet as it leaves; null: until `limitUs` of the script it did not. */
  #await(match: OutboundMatch, limitUs: number): LivePacket | null {
    const { sent } = this.#world.link;
    for (;;) {
      this.#world.settle();
      this.#tryPending();
      for (let next = sent.shift(); next !== undefined; next = sent.shift()) {
        if (this.#config.verbose) this.#verbose('outbound sniffed', readPacket(next.bytes, next.atUs));
        const packet = match.take(next.bytes, next.atUs);
        if (packet !== null) return packet;
      }
      const nextUs = this.#nextUs();
      if (nextUs - this.#startUs > limitUs) return null;
      this.#world.moveTo(nextUs);
    }
  }

  #at(us: number): string {
    return seconds(us - this.#startUs).padStart(9);
  }

  #verbose(what: string, packet: LivePacket | null): void {
    if (packet !== null) this.#output.print(`${what} packet: ${this.#at(packet.atUs)} ${liveText(packet, null)}\n`);
  }

  // -- calls -------------------------------------------------------------------------------------------------------------------

  #call(event: ScriptEvent, action: CallAction, _atUs: number, offsetUs: number): void {
    const handler = calls.get(action.name);
    if (handler === undefined) this.#fail(event.line, `unknown system call: ${action.name}`);
    if (action.endUs !== null) this.#finishPending();
    try {
      const attempt = handler({ machine: this.#machine, args: action.args, result: action.result });
      if (action.endUs === null) {
        this.#judge(event, action, this.#complete(event, attempt));
      } else {
        const endUs = action.endUs + (event.time.kind === 'relative' ? offsetUs : 0);
        this.#pending = { event, action, attempt, endUs };
        this.#tryPending();
      }
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      this.#fail(event.line, `runtime error in ${action.name} call: ${error.message}`);
    }
    this.#world.settle();
    this.#world.moveTo(this.#world.nowUs + EVENT_US);
  }

  /** The outcome of a call that blocks nobody but the script. */
  #complete(event: ScriptEvent, attempt: Attempt): Outcome {
    const limit = this.#world.nowUs + CALL_LIMIT_US;
    for (;;) {
      const outcome = attempt.try();
      if (outcome !== null) return outcome;
      this.#world.settle();
      const again = attempt.try();
      if (again !== null) return again;
      const next = Math.min(this.#nextUs(), attempt.deadlineUs);
      if (next > limit) this.#fail(event.line, 'the system call blocks, and nothing is left that could wake it');
      this.#world.moveTo(next);
      this.#world.settle();
    }
  }

  #tryPending(): void {
    const pending = this.#pending;
    if (pending === null) return;
    const outcome = pending.attempt.try();
    if (outcome === null) return;
    this.#pending = null;
    const { event, action, endUs } = pending;
    const actualUs = this.#nowUs;
    const tolerance = Math.max(this.#config.toleranceUs, ((endUs - (this.#lastUs ?? 0)) * this.#config.tolerancePercent) / 100);
    if (Math.abs(actualUs - endUs) > tolerance)
      this.#fail(
        event.line,
        `timing error: expected system call return at ${seconds(endUs)} sec but happened at ${seconds(actualUs)} sec; tolerance ${seconds(tolerance)} sec`,
      );
    this.#judge(event, action, outcome);
    this.#world.settle();
  }

  /** Waits for the call that still blocks. */
  #finishPending(): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#advanceTo(pending.endUs + this.#toleranceUs(pending.endUs));
    if (this.#pending !== null) this.#fail(pending.event.line, `${pending.action.name} call still blocks at ${seconds(this.#nowUs)} sec`);
  }

  /** Compares what a call came to with what the script says. */
  #judge(event: ScriptEvent, action: CallAction, outcome: Outcome): void {
    const problem = this.#resultProblem(action, outcome.value) ?? outcome.problem ?? null;
    if (problem === null) return;
    const text = `runtime error in ${action.name} call: ${problem}`;
    if (!this.#config.nonFatal.has('syscall')) this.#fail(event.line, text);
    this.#output.warn(`${this.#script.path}:${event.line}: warning: ${text}\n`);
  }

  #resultProblem({ result, errno }: CallAction, value: number): string | null {
    if (result.kind === 'ellipsis') return null;
    const wanted = integer(result, 'result');
    if (value < 0) {
      const actual = `errno ${-value} (${strerror(-value)})`;
      if (wanted !== -1) return `Expected result ${describe(result)} but got -1 with ${actual}`;
      if (errno === null) return null;
      const expected = symbol(errno);
      if (expected === undefined) return `unknown errno ${errno}`;
      return expected === -value
        ? null
        : `Expected errno ${expected} (${errno}) but got ${-value} (${errorName(-value)}: ${strerror(-value)})`;
    }
    return wanted === value ? null : `Expected result ${describe(result)} but got ${value}`;
  }

  // -- commands and code -------------------------------------------------------------------------------------------------------

  async #command({ line, text }: CommandAction, what: string): Promise<void> {
    const { status, stdout, stderr } = await this.#world.shell(() => this.#shell.run(text));
    if (stdout !== '') this.#output.print(stdout);
    if (stderr !== '') this.#output.warn(stderr);
    if (status !== 0) this.#fail(line, `error executing ${what}: \`${text.trim()}\` returned non-zero status ${status}`);
  }

  #code(event: ScriptEvent, text: string): void {
    const socket = this.#machine.socketForCode?.socket ?? null;
    nameSocket(socket, this.#python.names);
    try {
      this.#python.run(text);
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      this.#fail(event.line + error.line - 1, `error in Python code: ${error.message}\n${text.trim()}`);
    }
  }
}

const seconds = (us: number): string => (us / 1e6).toFixed(6);
