import { ENOENT, strerror } from '../../base/errno.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import { add } from './changes/add.js';
import { Changes } from './changes/changes.js';
import { expand } from './changes/expand.js';
import { flush, remove } from './changes/remove.js';
import { rename } from './changes/rename.js';
import type { Command } from './command.js';
import type { OutputStyle } from './datatypes/datatype.js';
import { type Complaint, fail, NftError } from './errors.js';
import { List } from './list.js';
import { complaintText } from './location.js';
import type { Names } from './names.js';
import type { Kernel } from './ruleset/kernel.js';
import type { Ruleset } from './ruleset/ruleset.js';
import { refusedName } from './suggest.js';
import type { Refusal } from './transaction.js';

export interface SessionOptions {
  readonly check: boolean;
  readonly echo: boolean;
  readonly json: boolean;
  readonly debug: ReadonlySet<string>;
  readonly style: OutputStyle;
}

const MOST_ERRORS = 10;

/** Carries out commands: evaluates them, sends what changes something, prints what was asked. */
export class Session {
  readonly #io: CommandIo;
  readonly #env: CommandEnvironment;
  readonly #kernel: Kernel;
  readonly #names: Names;
  readonly #options: SessionOptions;

  constructor(io: CommandIo, env: CommandEnvironment, kernel: Kernel, names: Names, options: SessionOptions) {
    this.#io = io;
    this.#env = env;
    this.#kernel = kernel;
    this.#names = names;
    this.#options = options;
  }

  /** True when all went well. Errors are printed. */
  async run(commands: readonly Command[], parseErrors: readonly NftError[]): Promise<boolean> {
    const errors: NftError[] = [];
    const ruleset = await this.#kernel.load();
    const { echo, debug } = this.#options;
    const changes = new Changes(ruleset, this.#kernel, this.#names, { echo, traced: debug.has('netlink') || debug.has('all') });
    const actions: Command[] = [];
    for (const command of commands.flatMap(expand)) {
      try {
        if (['list', 'reset', 'get', 'describe', 'monitor'].includes(command.verb)) actions.push(command);
        else await evaluate(changes, command);
      } catch (error) {
        if (!(error instanceof NftError)) throw error;
        errors.push(error);
        if (errors.length >= MOST_ERRORS) break;
      }
    }
    const wrong = [...parseErrors, ...errors];
    if (wrong.length > 0) {
      await this.#complain(wrong);
      return false;
    }
    // A list knows the tables, chains, sets and objects of all commands beside it, but none of their rules yet: as nft does it.
    const list = new List(this.#io, this.#kernel, ruleset, this.#names, this.#options, this.#env);
    try {
      for (const command of actions) await list.run(command);
    } catch (error) {
      if (!(error instanceof NftError)) throw error;
      await list.flush();
      await this.#complain([error]);
      return false;
    }
    await list.flush();
    const sent = await this.#send(changes);
    if (changes.debug !== '') await this.#io.stdout.write(changes.debug);
    return sent;
  }

  async #complain(errors: readonly NftError[]): Promise<void> {
    await this.#io.stderr.write(
      errors
        .flatMap((error) => [...error.earlier, error.complaint])
        .map((complaint) => complaintText(complaint))
        .join(''),
    );
  }

  async #send(changes: Changes): Promise<boolean> {
    if (changes.transaction.empty) return true;
    const echoed: NetlinkMessage[] = [];
    const refusals = await changes.transaction.commit(this.#kernel.client, this.#options.check, (message) => echoed.push(message));
    if (refusals.length === 0) {
      if (this.#options.echo && echoed.length > 0) {
        const { printEvents } = await import('./monitor.js');
        await printEvents(this.#io, this.#kernel, this.#names, this.#options, echoed);
      }
      return true;
    }
    let text = '';
    for (const refusal of refusals) text += complaintText(refusalText(changes.ruleset, refusal));
    await this.#io.stderr.write(text);
    return false;
  }
}

async function evaluate(changes: Changes, command: Command): Promise<void> {
  switch (command.verb) {
    case 'add':
    case 'create':
    case 'insert':
    case 'replace':
      return add(changes, command);
    case 'delete':
      return remove(changes, command);
    case 'flush':
      return flush(changes, command);
    case 'rename':
      return rename(changes, command);
    default:
      return fail('internal: command cannot be evaluated', command.loc);
  }
}

function refusalText(ruleset: Ruleset, { error, at, exact, command }: Refusal): Complaint {
  const plain = { text: `Could not process rule: ${strerror(error.errno)}`, at };
  if (error.errno !== ENOENT || !exact || command?.table === undefined || command.verb === 'flush') return plain;
  if (at === command.position?.loc || at === command.index?.loc) return plain;
  // Of a set made here it is an element that names what is not there.
  if (command.set !== undefined && at !== command.table.loc && at !== command.name?.loc) return plain;
  const wanted = { family: command.family!, table: command.table.text, name: command.name?.text };
  const found = refusedName(ruleset, command.target, wanted);
  return found === undefined ? plain : { text: found.text, at: found.ofTable ? command.table.loc : at };
}
