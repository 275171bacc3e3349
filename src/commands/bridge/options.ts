import { type IpOptions, parseOptions as parseIpOptions } from '../ip/options.js';
import { type Cursor, Cursor as Words } from '../shared/cursor.js';
import { abbreviates } from '../shared/cursor.js';
import { fatal } from '../shared/failure.js';
import { BRIDGE_USAGE } from './usage.js';

export interface BridgeOptions extends IpOptions {
  /** VLANs that follow each other are shown as ranges. */
  compressVlans: boolean;
}

interface BridgeOption {
  readonly names: readonly string[];
  readonly value?: string;
  readonly text: string;
  take(options: BridgeOptions, argument: string): void;
}

/** In iproute2's order: of the options that an abbreviation fits, the first is meant. */
export const bridgeOptions: readonly BridgeOption[] = [
  { names: ['-help'], text: 'print the usage', take: usage },
  {
    names: ['-Version'],
    text: 'print the version',
    take: (options) => {
      options.version = true;
    },
  },
  {
    names: ['-stats', '-statistics'],
    text: 'show counters and ages',
    take: (options) => {
      options.stats++;
    },
  },
  {
    names: ['-details'],
    text: 'show more',
    take: (options) => {
      options.details++;
    },
  },
  {
    names: ['-oneline'],
    text: 'one line a record',
    take: (options) => {
      options.oneline = true;
    },
  },
  {
    names: ['-timestamp'],
    text: 'with monitor, the time before each message',
    take: (options) => {
      options.timestamp = true;
    },
  },
  {
    names: ['-netns'],
    value: 'NAME',
    text: 'act in that network namespace',
    take: (options, argument) => {
      options.netns = argument;
    },
  },
  {
    names: ['-json'],
    text: 'print JSON',
    take: (options) => {
      options.json = true;
    },
  },
  {
    names: ['-pretty'],
    text: 'print JSON with lines and indents',
    take: (options) => {
      options.pretty = true;
    },
  },
  {
    names: ['-force'],
    text: 'go on behind a line of a batch that failed',
    take: (options) => {
      options.force = true;
    },
  },
  {
    names: ['-batch'],
    value: 'FILE',
    text: 'read commands from FILE',
    take: (options, argument) => {
      options.batch = argument;
    },
  },
  {
    names: ['-compressvlans'],
    text: 'show VLANs that follow each other as ranges',
    take: (options) => {
      options.compressVlans = true;
    },
  },
];

function usage(): never {
  throw fatal(BRIDGE_USAGE);
}

/** The options before the object. */
export function parseOptions(argv: readonly string[]): { options: BridgeOptions; cursor: Cursor } {
  const options: BridgeOptions = { ...parseIpOptions([]).options, compressVlans: false };
  const cursor = new Words(argv);
  while (!cursor.done && cursor.peek().startsWith('-')) {
    const word = cursor.next();
    if (word === '--') break;
    const name = word.startsWith('--') ? word.slice(1) : word;
    const color = /^-c(?:o(?:l(?:or)?)?)?(?:=(always|auto|never))?$/.exec(name);
    if (color !== null && (name.includes('=') || name === '-color' || name === '-colo' || name === '-col')) {
      options.color = color[1] === 'auto' || color[1] === 'never' ? color[1] : 'always';
      continue;
    }
    const option = bridgeOptions.find(({ names }) => names.some((candidate) => abbreviates(name, candidate)));
    if (option === undefined) throw fatal(`Option "${name}" is unknown, try "bridge help".`);
    option.take(options, option.value === undefined ? '' : cursor.next());
  }
  return { options, cursor };
}
