import type { Command, CommandEnvironment, CommandIo } from '../../client/command.js';
import { CommandFailure } from '../shared/failure.js';
import { LoadedModules } from './modules.js';

/** A command over the loaded modules, whose failures are told as they are. */
export const withModules =
  (
    program: string,
    work: (argv: readonly string[], io: CommandIo, modules: LoadedModules, env: CommandEnvironment) => Promise<number>,
  ): Command =>
  async (argv, io, env) => {
    let modules: LoadedModules | null = null;
    try {
      modules = await LoadedModules.open(program, env);
      return await work(argv, io, modules, env);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      await io.stderr.write(error.text);
      return error.status;
    } finally {
      modules?.close();
    }
  };

export const KMOD_VERSION = 'kmod version 30\n+ZSTD +XZ -ZLIB +LIBCRYPTO -EXPERIMENTAL\n';
