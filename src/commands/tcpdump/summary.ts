import type { DisplayOptions } from './dissector.js';
import { linkTypeDescription, linkTypeName } from './link-types.js';
import type { Settings } from './options.js';
import type { DumpOptions } from './print-packet.js';

/** "EN10MB (Ethernet)" behind "link-type ". */
export function linkTypeText(linkType: number): string {
  const name = linkTypeName(linkType);
  return name === undefined ? String(linkType) : `${name} (${linkTypeDescription(linkType)})`;
}

export const displayOptions = (settings: Settings): DisplayOptions => ({
  verbose: settings.verbose,
  quiet: settings.quiet,
  linkLayer: settings.linkLayer > 0,
  keepChecksums: settings.keepChecksums,
  numeric: settings.numeric,
  absoluteSequence: settings.absoluteSequence,
  undecodedHandles: settings.undecodedHandles,
  asDot: settings.asDot,
  meshHeaders: settings.meshHeaders,
  secret: settings.secret,
  associations: settings.associations,
  packetType: settings.packetType,
  suppressDump: settings.quiet + settings.hex + settings.hexAndAscii > 0,
});

export const dumpOptions = (settings: Settings): DumpOptions => ({
  hex: settings.hex,
  hexAndAscii: settings.hexAndAscii,
  ascii: settings.ascii,
});
