import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { AttributeShape, StructCodec } from '../../netlink/attributes.js';
import { payloadStart } from '../../netlink/message.js';
import type { MessageSchema, Parsed } from '../../netlink/schema.js';
import type { NetlinkRequest } from '../netlink-request.js';

type Fields = ConstructorParameters<typeof StructCodec>[0];

export interface StrictTexts<S> {
  /** For a message that is too short. */
  readonly badHeader: string;
  readonly allowed: readonly (keyof S)[];
  /** For an attribute that is not among them. */
  readonly badAttribute: string;
}

/**
 * A request of a socket with NETLINK_GET_STRICT_CHK: nothing unknown in it, and nothing that the request does not take
 * (the kernel's many *_valid_*_req()).
 */
export function parseStrictly<F extends Fields, S extends AttributeShape>(
  request: NetlinkRequest,
  schema: MessageSchema<F, S>,
  headerBytes: number,
  texts: StrictTexts<S>,
): Parsed<F, S> {
  if (request.message.end - payloadStart(request.message) < headerBytes) fail(EINVAL, texts.badHeader);
  const header = schema.readHeader(request.message);
  const attributes = schema.parseAttributes(request.message, true);
  const allowed: readonly PropertyKey[] = texts.allowed;
  for (const key of Object.keys(attributes)) if (!allowed.includes(key)) fail(EINVAL, texts.badAttribute);
  return { header, attributes };
}
