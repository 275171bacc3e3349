import type { Argument, Command, Option } from 'commander';
import type { OutputPort } from '../../client/command.js';
import type { OptionReference, PlainReference, ProgramReference, ProgramVerb } from '../reference.js';
import { tapstackProgram } from './program.js';

/** The program is walked and never parses, so it has nothing to say. */
const nobody: OutputPort = { isTerminal: false, columns: 80, write: () => undefined };

const files: NonNullable<PlainReference['files']> = [
  ['$TAPSTACK_DIR', 'the runtime folder; else $XDG_RUNTIME_DIR/tapstack, else /run/tapstack for root and /tmp/tapstack-UID for others'],
  ['RUNTIME/NAME/bus', 'the socket of an instance'],
  ['RUNTIME/NAME/etc', "its own etc, which its programs see over the host's"],
  ['RUNTIME/NAME/log', 'what its daemon had to say'],
];

/** What tapstack(8) and the completions say of it, out of the program that parses its words. */
export function tapstackReference(): ProgramReference {
  const program = tapstackProgram(
    {
      stdout: nobody,
      stderr: nobody,
      signal: new AbortController().signal,
      onSignal: () => () => undefined,
      sleepUs: () => Promise.resolve(),
    },
    { variables: {}, transport: noTransport },
    { status: 0, writes: [] },
  );
  return {
    name: 'tapstack',
    summary: program.description(),
    synopsis: ['[ OPTIONS ] COMMAND [ WORDS ]'],
    description: [
      'An instance is a network stack of its own, held by a daemon, tapstackd(8); tapstack(7) says what there is in it. run and shell make a private one for the time of a program; up makes one that lasts until down.',
      "A program of an instance finds this package's ip, ping and sysctl first on its PATH. It stands in an empty network namespace of the host, so that nothing it does reaches the host's network, and sees the instance's own etc over the host's.",
      'Where no name is given, neither by --name nor by TAPSTACK_INSTANCE, the instance "default" is meant, which starts by itself when it is first wanted and ends after ten minutes in which it held nothing.',
    ],
    options: optionsOf(program),
    verbs: verbsOf(program, ''),
    environment: [
      ['TAPSTACK_INSTANCE', 'the instance meant where --name is not given; set for programs of an instance'],
      ['TAPSTACK_DIR', 'the runtime folder'],
      ['SHELL', 'what shell starts'],
      ['NO_COLOR', 'if set, tables have no colours'],
    ],
    status:
      'Of run, shell and exec that of the program: 127 if it is not found, 126 if it cannot be run, 128 + N after signal N. Else 0, or 1 with a line on standard error.',
    files,
    examples: [
      ['tapstack run -- sh network.sh', 'a script in an instance of its own'],
      ['tapstack up --name lab --nic eth0,tap=tap0', 'an instance that lasts, with a wire to the TAP tap0 of the host'],
      ['tapstack exec --name lab -n left -- ip addr', 'a command in its namespace left'],
      ['tapstack down --name lab', 'the end of it'],
    ],
  };
}

/** tapstackd has a name and no options: src/daemon/settings.ts. */
export const tapstackdReference: PlainReference = {
  name: 'tapstackd',
  summary: 'the daemon that holds an instance of the stack',
  synopsis: ['[ NAME ]'],
  description: [
    'Holds the instance NAME (else TAPSTACK_INSTANCE, else "default") in the foreground and serves its socket until SIGTERM, SIGINT, SIGHUP or tapstack down. Errors go to standard error.',
    'Nobody needs to start it: tapstack(8) does, in a session of its own, with a log in the runtime folder. An instance has one daemon; a second one ends at once, with status 0.',
    'Exit status: 0: ended as it was told; 1: it could not start, or failed, in which case its folder stays for the log in it.',
  ],
  options: [],
  files,
  examples: [['TAPSTACK_DIR=/tmp/lab tapstackd lab', 'an instance under the eyes of a supervisor']],
};

const noTransport = () => Promise.reject(new Error('documentation opens no transport'));

/** A command's verbs, and theirs: "nic" has no action but "nic list" has. */
function verbsOf(command: Command, prefix: string): ProgramVerb[] {
  return command.commands.flatMap((verb) => {
    const name = `${prefix}${verb.name()}`;
    return verb.commands.length > 0 ? verbsOf(verb, `${name} `) : [verbOf(verb, name)];
  });
}

function verbOf(verb: Command, name: string): ProgramVerb {
  const operands = verb.registeredArguments;
  const runsProgram = operands.some((operand) => operand.variadic && operand.name() === 'cmd');
  return {
    name,
    aliases: verb.aliases(),
    summary: verb.description(),
    operands: runsProgram ? '-- CMD [ ARGS ... ]' : operands.map(operandName).join(' '),
    operandTexts: runsProgram ? [] : operands.map((operand) => [operandName(operand), operand.description] as const),
    runsProgram,
    options: optionsOf(verb),
  };
}

/** As usage texts have it: "DEVICE", "[ PREFIX ... ]". */
function operandName(operand: Argument): string {
  const name = `${operand.name().toUpperCase()}${operand.variadic ? ' ...' : ''}`;
  return operand.required ? name : `[ ${name} ]`;
}

/** All of them: the help option too. */
const optionsOf = (command: Command): OptionReference[] => command.createHelp().visibleOptions(command).map(optionOf);

function optionOf({ short, long, flags, description }: Option): OptionReference {
  const value = /<([^>]+)>/.exec(flags)?.[1];
  return {
    names: [short, long].filter((name) => name !== undefined && name !== null),
    text: description,
    ...(value === undefined ? {} : { value: value.toUpperCase() }),
  };
}
