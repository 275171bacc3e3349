/**
 * A command's way out with a text for the user: what iproute2 prints to stderr, and its exit status.
 * `final` ones end the whole process even inside a batch (the real tool calls exit() there); the others fail one command.
 */
export class CommandFailure extends Error {
  readonly status: number;
  /** Goes to stderr as it is, newline included; empty when all was said. */
  readonly text: string;
  readonly final: boolean;

  constructor(status: number, text: string, final = false) {
    super(text.trimEnd());
    this.name = 'CommandFailure';
    this.status = status;
    this.text = text;
    this.final = final;
  }
}

/** A command that failed: exit status 1 unless said otherwise, the next line of a batch may follow. */
export const failure = (text: string, status = 1) => new CommandFailure(status, text === '' ? '' : `${text}\n`);

/** exit(-1): ends a batch as well. */
export const fatal = (text: string, status = 255) => new CommandFailure(status, text === '' ? '' : `${text}\n`, true);

export const incomplete = () => fatal('Command line is not complete. Try option "help"');
export const missingArgument = (key: string) => fatal(`Error: argument "${key}" is required`);
export const invalidArgument = (reason: string, argument: string) => fatal(`Error: argument "${argument}" is wrong: ${reason}`);
export const duplicateArgument = (key: string, argument: string) => fatal(`Error: duplicate "${key}": "${argument}" is the second value.`);
export const duplicateOrGarbage = (key: string, argument: string) =>
  fatal(`Error: either "${key}" is duplicate, or "${argument}" is a garbage.`);
export const noSuchDevice = (name: string) => failure(`Cannot find device "${name}"`);
export const unknownCommand = (object: string, word: string) => fatal(`Command "${word}" is unknown, try "ip ${object} help".`);
