import { subCommands } from './registry.js';

export const ETHTOOL_VERSION_TEXT = 'ethtool version 6.1';

const MONITOR = `        ethtool --monitor               Show kernel notifications
                ( [ --all ]
                  | -s | --change
                  | -k | --show-features | --show-offload | -K | --features | --offload
                  | --show-priv-flags | --set-priv-flags
                  | -g | --show-ring | -G | --set-ring
                  | -l | --show-channels | -L | --set-channels
                  | -c | --show-coalesce | -C | --coalesce
                  | -a | --show-pause | -A | --pause
                  | --show-eee | --set-eee
                  | --cable-test
                  | --cable-test-tdr
                  | --show-module | --set-module )
                [ DEVNAME | * ]
`;

const FLAGS = `FLAGS:
	--debug MASK	turn on debugging messages
	--json		enable JSON output format (not supported by all commands)
	-I|--include-statistics		request device statistics related to the command (not supported by all commands)
`;

const line = (options: readonly string[], device: string, summary: string) =>
  `        ethtool [ FLAGS ] ${options.join('|')} ${device}\t${summary}\n`;

/** What -h prints, from the table of sub-commands. */
export function usage(): string {
  const commands = subCommands.map(({ options, summary, parameters = '', joined = false }) => {
    const first = line(options, 'DEVNAME', summary);
    return `${joined ? first.trimEnd() : first}${parameters}`;
  });
  const last = line(['-h', '--help'], '', '\tShow this help') + line(['--version'], '', '\tShow version number');
  return `${ETHTOOL_VERSION_TEXT}\nUsage:\n${commands.join('')}${last}${MONITOR}\n${FLAGS}`;
}
