import { InvalidArgumentError } from 'commander';
import type { NicSpecification } from '../../client/instance-port.js';
import { parseMac } from '../../wire/mac-address.js';

const KEYS = ['mac', 'tap', 'netns', 'module'] as const;
/** What a bad wire can be told to do: the daemon reads their values. */
const FAULTS = ['loss', 'corrupt', 'duplicate', 'reorder', 'gap', 'delay'];
type Key = (typeof KEYS)[number];

/** `NAME[,mac=M][,tap=HOSTTAP[,netns=PATH]][,module=FILE][,FAULT=...]` */
export function nicOption(text: string): NicSpecification {
  const [name = '', ...words] = text.split(',');
  if (!isDeviceName(name)) throw new InvalidArgumentError(`"${name}" is no device name.`);
  const values: Partial<Record<Key, string>> = {};
  const faults: string[] = [];
  for (const word of words) {
    const equals = word.indexOf('=');
    if (FAULTS.includes(word.slice(0, Math.max(equals, 0)))) {
      faults.push(word);
      continue;
    }
    const key = KEYS.find((known) => known === word.slice(0, Math.max(equals, 0)));
    const value = word.slice(equals + 1);
    if (key === undefined || value === '')
      throw new InvalidArgumentError(`"${word}" is none of mac=M, tap=HOSTTAP, netns=PATH, module=FILE, ${FAULTS.join('=, ')}=.`);
    if (values[key] !== undefined) throw new InvalidArgumentError(`${key}= is given twice.`);
    values[key] = value;
  }
  if (values.mac !== undefined && parseMac(values.mac) === null) throw new InvalidArgumentError(`"${values.mac}" is not a MAC address.`);
  if (values.netns !== undefined && values.tap === undefined)
    throw new InvalidArgumentError('netns= says where a tap= lies, and there is none.');
  return { name, ...values, ...(faults.length === 0 ? {} : { faults: faults.join(',') }) };
}

/** dev_valid_name(): 1 to 15 bytes, no space, "/" or ":", not "." or "..". */
const isDeviceName = (name: string) =>
  name !== '' && new TextEncoder().encode(name).length < 16 && name !== '.' && name !== '..' && !/[\s/:]/.test(name);
