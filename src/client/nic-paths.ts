import { resolve } from 'node:path';
import type { NicSpecification } from './instance-port.js';

/** `nic` with its module's file by its whole path: the daemon that reads it stands in another folder. */
export const withWholePaths = (nic: NicSpecification): NicSpecification =>
  nic.module === undefined ? nic : { ...nic, module: resolve(nic.module) };
