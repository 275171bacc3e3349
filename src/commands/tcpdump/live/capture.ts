import type { CommandEnvironment, CommandIo } from '../../../client/command.js';
import { die, type Settings } from '../options.js';

/** Packets of devices. */
export async function capture(
  settings: Settings,
  _filter: () => Promise<string>,
  _io: CommandIo,
  _env: CommandEnvironment,
): Promise<number> {
  throw die(`${settings.device === '' ? 'capture' : settings.device}: capturing from devices is not there yet`);
}
