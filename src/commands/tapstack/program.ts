import { Command } from 'commander';
import { EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { ClientError } from '../../client/client-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';
import type { InstancePort, NicSpecification } from '../../client/instance-port.js';
import { parseUnsigned } from '../shared/numbers.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import { nicOption } from './nic-option.js';
import { packetdrillCommand } from './packetdrill.js';
import type { RouterOptions } from './ra.js';
import { instanceTable, nicTable, statusTable, type TableStyle } from './tables.js';

interface RunOptions {
  readonly nic: readonly NicSpecification[];
  readonly root?: boolean;
  readonly capture: boolean;
}

interface NameOption {
  readonly name?: string;
  readonly json?: boolean;
}

export interface Outcome {
  /** Of the program that was run; else 0. */
  status: number;
  /** What help and complaints are still on their way. */
  readonly writes: (Promise<void> | void)[];
}

/** What its verbs need of what surrounds a command. */
export type ProgramIo = Pick<CommandIo, 'stdout' | 'stderr' | 'signal' | 'onSignal' | 'sleepUs'>;

/** The grammar of `tapstack` and what its words do. */
export function tapstackProgram(io: ProgramIo, env: CommandEnvironment, outcome: Outcome): Command {
  const port = () => instancesOf(env);
  const style: TableStyle = { color: io.stdout.isTerminal && !env.variables['NO_COLOR'] };
  const print = (text: string) => io.stdout.write(text);
  const json = (value: unknown) => print(`${JSON.stringify(value, null, 2)}\n`);

  const program = new Command('tapstack')
    .description('Linux networking as an ordinary process: instances of the stack, and programs in them')
    .version(TAPSTACK_VERSION_TEXT, '-V, --version')
    .enablePositionalOptions()
    // Commands made below inherit both.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void outcome.writes.push(io.stdout.write(text)),
      writeErr: (text) => void outcome.writes.push(io.stderr.write(text)),
    });

  withNics(program.command('run'))
    .description('run a program in a fresh private instance, which ends with it')
    .usage('[options] -- CMD [ARGS...]')
    .option('--root', "show an ordinary user's program uid 0")
    .option('--no-capture', NO_CAPTURE)
    .argument('<cmd...>', 'the program and its arguments')
    .passThroughOptions()
    .action(async (argv: string[], options: RunOptions) => {
      outcome.status = await port().run({ argv, nics: options.nic, root: options.root === true, capture: options.capture });
    });

  withNics(program.command('shell'))
    .description('the same with your shell')
    .option('--root', "show an ordinary user's shell uid 0")
    .option('--no-capture', NO_CAPTURE)
    .action(async (options: RunOptions) => {
      outcome.status = await port().shell({ nics: options.nic, root: options.root === true, capture: options.capture });
    });

  withName(withNics(program.command('up')))
    .description('start a lasting instance')
    .action(async (options: RunOptions & NameOption) => {
      const { name, started } = await port().up({ ...nameOf(options), nics: options.nic });
      if (!started) await io.stderr.write(`tapstack: instance "${name}" is running already\n`);
    });

  withName(program.command('down'))
    .description('end an instance and take away its files')
    .action((options: NameOption) => port().down(options.name));

  withName(program.command('status'))
    .description('what an instance holds')
    .option('--json', 'print JSON')
    .option('--unsupported', 'what its programs asked for and is not there (they got the error that Linux gives for it), and how often')
    .action(async (options: NameOption & { readonly unsupported?: boolean }) => {
      if (options.unsupported === true) {
        const requests = await port().unsupported(options.name);
        await (options.json ? json(requests) : print(requests.map(({ what, count }) => `${count} ${what}\n`).join('')));
        return;
      }
      const status = await port().status(options.name);
      await (options.json ? json(status) : print(await statusTable(status, style)));
    });

  program
    .command('list')
    .description('all instances of yours')
    .option('--json', 'print JSON')
    .action(async (options: NameOption) => {
      const list = await port().list();
      await (options.json ? json(list) : print(await instanceTable(list, style)));
    });

  program
    .command('doctor')
    .description('what this machine lets programs of an instance do; what it does not, why, and what works all the same')
    .option('--json', 'print JSON')
    .action(async (options: { readonly json?: boolean }) => {
      const findings = await port().doctor();
      await (options.json
        ? json(findings)
        : print(findings.map(({ what, state, text }) => `${state.padEnd(7)} ${what}: ${text}\n`).join('')));
      if (findings.some(({ state }) => state === 'no')) outcome.status = 1;
    });

  const nic = program.command('nic').description('devices whose wire leads out of an instance');
  withName(nic.command('list'))
    .description('the NICs of an instance, and what went over their wires')
    .option('--json', 'print JSON')
    .action(async (options: NameOption) => {
      const list = await port().nicList(options.name);
      await (options.json ? json(list) : print(await nicTable(list, style)));
    });
  withName(nic.command('add'))
    .description('give a running instance a NIC')
    .argument('<nic>', 'NAME[,mac=M][,tap=HOSTTAP[,netns=PATH]][,module=FILE]', nicOption)
    .action(async (specification: NicSpecification, options: NameOption) => {
      await port().nicAdd(specification, options.name);
    });
  withName(nic.command('del'))
    .alias('delete')
    .description('take a NIC away')
    .argument('<name>', 'name of the NIC')
    .action((nicName: string, options: NameOption) => port().nicDelete(nicName, options.name));

  program
    .command('mroute')
    .description('route multicasts while it runs, as a daemon would: Linux has no command that makes multicast routes')
    .usage("[options] 'SOURCE GROUP IIF OIF[/TTL]...' ...")
    .option('--table <number>', 'the table of multicast routes', (text) => parseUnsigned(text, 0xffff_ffff) ?? refuseTable(text))
    .argument(
      '<route...>',
      'one route a word in quotes: SOURCE (an address, or any) and GROUP, the device that packets come in by, and those they go out by, with the TTL that they must exceed',
    )
    .action(async (routes: string[], options: { readonly table?: number }) => {
      const { parseMulticastRoute, runMulticastRouter } = await import('./mroute.js');
      await runMulticastRouter(io, env, routes.map(parseMulticastRoute), options.table);
    });

  program
    .command('ra')
    .description('advertise a device of the stack as a router to the hosts behind it while it runs, as radvd does on Linux')
    .option('--interval <seconds>', 'time between advertisements', numberOption(1, 1800), 600)
    .option(
      '--lifetime <seconds>',
      'how long hosts keep it as a default router, 0: it is none (else three intervals)',
      numberOption(0, 9000),
    )
    .option('--preference <preference>', 'among default routers and of routes: low, medium or high', 'medium')
    .option('--hop-limit <hops>', 'what hosts give their packets, 0: not said', numberOption(0, 255), 64)
    .option('--mtu <bytes>', 'MTU of the link (else not said)', numberOption(1280, 65_535))
    .option('--valid <seconds>', 'how long addresses of the prefixes are valid, or "infinity"', secondsOption, 86_400)
    .option('--preferred <seconds>', 'how long they are preferred, or "infinity"', secondsOption, 14_400)
    .option('--no-autoconf', 'hosts make no addresses of the prefixes')
    .option('--route <prefix>', 'a route that leads here (repeatable)', (text: string, before: string[]) => [...before, text], [])
    .option('--managed', 'addresses are to be had by DHCPv6')
    .option('--other', 'other settings are to be had by DHCPv6')
    .argument('<device>', 'the device that leads to the hosts')
    .argument('[prefix...]', 'prefixes of its link')
    .action(async (device: string, prefixes: string[], options: RouterOptions) => {
      const { advertiseRouter } = await import('./ra.js');
      await advertiseRouter(io, env, device, prefixes, options);
    });

  packetdrillCommand(program, async (words) => {
    outcome.status = await port().packetdrill(words);
  });

  withName(program.command('exec'))
    .description('run a program in a running instance')
    .usage('[options] -- CMD [ARGS...]')
    .option('-n, --netns <ns>', 'a namespace of the instance')
    .option('--no-capture', NO_CAPTURE)
    .argument('<cmd...>', 'the program and its arguments')
    .passThroughOptions()
    .action(async (argv: string[], options: NameOption & { readonly netns?: string; readonly capture: boolean }) => {
      outcome.status = await port().exec({
        argv,
        capture: options.capture,
        ...nameOf(options),
        ...(options.netns === undefined ? {} : { namespace: options.netns }),
      });
    });

  return program;
}

const NO_CAPTURE = "programs keep the host's sockets: only our own commands see the stack";

const refuseNumber = (text: string): never => {
  throw new ClientError(EINVAL, `"${text}" is not a number that fits`);
};

const numberOption =
  (min: number, max: number) =>
  (text: string): number => {
    const value = parseUnsigned(text, max);
    return value === null || value < min ? refuseNumber(text) : value;
  };

const secondsOption = (text: string): number => (text === 'infinity' ? 0xffff_ffff : numberOption(0, 0xffff_ffff)(text));

const refuseTable = (text: string): never => {
  throw new ClientError(EINVAL, `"${text}" is not a table`);
};

function withNics(command: Command): Command {
  return command.option(
    '--nic <nic>',
    'give it a NIC: NAME[,mac=M][,tap=HOSTTAP[,netns=PATH]][,module=FILE] (repeatable); a bad wire by ,loss=1%,duplicate=1%,reorder=1%,delay=10ms',
    (value: string, before: readonly NicSpecification[]) => [...before, nicOption(value)],
    [],
  );
}

const withName = (command: Command) => command.option('--name <name>', 'the instance (else TAPSTACK_INSTANCE, else "default")');

const nameOf = ({ name }: NameOption) => (name === undefined ? {} : { name });

function instancesOf(env: CommandEnvironment): InstancePort {
  if (env.instances === undefined) throw new ClientError(EOPNOTSUPP, 'there are no instances inside an in-process one');
  return env.instances;
}
