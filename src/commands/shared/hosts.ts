import { NetError } from '../../base/net-error.js';
import type { CommandEnvironment, CommandIo } from '../../client/command.js';

/** Names by address from the hosts file: the instance's own, else the machine's. The first name of a line counts. */
export async function readHosts(io: Pick<CommandIo, 'files'>, env: Pick<CommandEnvironment, 'variables'>): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const own = env.variables.TAPSTACK_ETC;
  for (const path of [...(own ? [`${own}/hosts`] : []), '/etc/hosts']) {
    let text: string;
    try {
      text = new TextDecoder().decode(await io.files.read(path));
    } catch (error) {
      if (error instanceof NetError) continue;
      throw error;
    }
    for (const line of text.split('\n')) {
      const [address, name] = line.replace(/#.*/, '').trim().split(/\s+/);
      if (address !== undefined && name !== undefined && !names.has(address)) names.set(address, name);
    }
    return names;
  }
  return names;
}
