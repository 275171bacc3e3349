import type { Command } from 'commander';

/** Options of the runner (src/packetdrill/config.ts), as packetdrill(8) of others has them. */
const options: readonly (readonly [flags: string, text: string])[] = [
  ['--ip_version <version>', 'ipv4 (unless given), ipv4-mapped-ipv6 or ipv6'],
  ['--local_ip <address>', 'address of the stack'],
  ['--remote_ip <address>', 'address of the peer that the script plays, with /LENGTH of its network'],
  ['--gateway_ip <address>', 'taken, and not needed: the peer is behind tun0'],
  ['--netmask_ip <mask>', 'of the local address, IPv4'],
  ['--bind_port <port>', 'what bind() with "..." means (8080 unless given)'],
  ['--connect_port <port>', 'what connect() with "..." means (8080 unless given)'],
  ['--mtu <bytes>', 'MTU of tun0 (1500 unless given)'],
  ['--mss <bytes>', 'taken: scripts have mss options'],
  ['--speed <mbps>', 'taken: tun0 has no speed'],
  ['--tolerance_usecs <us>', 'how far from its time something may happen (4000 unless given)'],
  ['--tolerance_percent <percent>', 'the same as a share of the time since the event before (12.5 unless given)'],
  ['--tcp_ts_tick_usecs <us>', 'one tick of outbound timestamps, which are checked then'],
  ['--tcp_ts_ecr_scaled', 'inbound echoes of timestamps that were never sent are reckoned from the first'],
  ['--strict_segments', 'a packet of the script is one of the stack, not several that make it up'],
  ['--non_fatal <kinds>', 'only warn of what is wrong with these, parted by commas: packet, syscall'],
  ['--init_scripts <files>', 'commands to run first, parted by commas'],
  ['--code_command <command>', 'taken: code is run by the runner itself'],
  ['--code_format <format>', 'taken: python'],
  ['--code_sockopt <option>', 'taken: code knows TCP_INFO, TCP_CC_INFO and SO_MEMINFO'],
  ['--is_anyip', 'UDP and ICMP may come in before anything went out'],
  ['--send_omit_free', 'taken: connections end with the stack of the script'],
  ['--dry_run', 'only read the scripts'],
  ['--debug', 'as --verbose'],
  ['-v, --verbose', 'show all packets'],
];

/** `tapstack packetdrill`: words for the runner, which is a program of its own. */
export function packetdrillCommand(program: Command, run: (words: readonly string[]) => Promise<void>): void {
  const command = program
    .command('packetdrill')
    .description('run scripts in the language of packetdrill against the stack, under virtual time')
    .usage('[OPTIONS] FILE.pkt...');
  for (const [flags, text] of options) command.option(flags, text);
  command
    .option(
      '-D, --define <definition>',
      'NAME=VALUE: what a word of the scripts stands for (repeatable)',
      (one: string, before: string[]) => [...before, one],
      [],
    )
    .argument('<file...>', 'scripts; commands in them run in their folders')
    .action((files: string[], chosen: Readonly<Record<string, string | true | readonly string[]>>) =>
      run([...words(chosen), '--', ...files]),
    );
}

/** Options as the runner reads them. */
function words(chosen: Readonly<Record<string, string | true | readonly string[]>>): string[] {
  return Object.entries(chosen).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    return typeof value === 'string' ? [`--${name}=${value.trim()}`] : value.map((one) => `--${name}=${one.trim()}`);
  });
}
