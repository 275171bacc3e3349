import type { InetSocket } from '../inet-socket.js';
import { type OptionTable, ownSocketOptions, SOL_SOCKET } from '../socket-options.js';
import { filterOptions } from './filter.js';
import { keptFlag } from './kept.js';
import { reuseportProgramOptions } from './reuseport-program.js';
import { keptSocketOptions } from './socket-kept.js';
import { timestampOptions } from './timestamps.js';

/** SOL_SOCKET of all IP sockets, asm-generic/socket.h. UDP acts on SO_NO_CHECK, others keep it. */
export const socketLevelOptions: OptionTable<InetSocket> = new Map([
  ...ownSocketOptions,
  keptFlag({ level: SOL_SOCKET, option: 11, name: 'SO_NO_CHECK' }),
  ...timestampOptions,
  ...filterOptions<InetSocket>(),
  ...reuseportProgramOptions,
  ...keptSocketOptions,
]);
