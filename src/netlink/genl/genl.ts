import {
  type AttributeCodec,
  type AttributeShape,
  type AttributesOf,
  type AttributeTable,
  attributes,
  layout,
  list,
  nest,
  string,
  u16,
  u32,
  type ValuesOf,
} from '../attributes.js';
import { type MessageSchema, message } from '../schema.js';

/** struct genlmsghdr, linux/genetlink.h. */
export const genlmsghdr = layout({ command: 'u8', version: 'u8', reserved: 'pad16' });
export const GENL_HDRLEN = 4;
export const GENL_ID_CTRL = 0x10;
/** The first id that families without a fixed one get. */
export const GENL_START_ALLOC = 0x13;

export const GENL_ADMIN_PERM = 0x01;
export const GENL_CMD_CAP_DO = 0x02;
export const GENL_CMD_CAP_DUMP = 0x04;
export const GENL_CMD_CAP_HASPOL = 0x08;

/** The message of a generic netlink family whose attributes are `table`. */
export const genlMessage = <S extends AttributeShape>(name: string, table: AttributeTable<S>) => message(name, genlmsghdr, table);
export type GenlMessage<S extends AttributeShape> = MessageSchema<{ command: 'u8'; version: 'u8'; reserved: 'pad16' }, S>;

export const CTRL_CMD_NEWFAMILY = 1;
export const CTRL_CMD_DELFAMILY = 2;
export const CTRL_CMD_GETFAMILY = 3;
export const CTRL_CMD_GETPOLICY = 10;

const operation = attributes('CTRL_ATTR_OP', { id: u32(1), flags: u32(2) });
const multicastGroup = attributes('CTRL_ATTR_MCAST_GRP', { id: u32(2), name: string(1) });

/** A list whose items have the types 1, 2, 3, ... */
function numbered<S extends AttributeShape>(type: number, table: AttributeTable<S>): AttributeCodec<readonly ValuesOf<S>[]> {
  return {
    ...list(type, nest(1, table)),
    write(writer, items) {
      items.forEach((values, index) => {
        const mark = writer.beginNest(index + 1);
        table.write(writer, values);
        writer.endNest(mark);
      });
    },
  };
}

/** CTRL_ATTR_*: what `nlctrl` says about the families. */
export const ctrlAttributes = attributes('CTRL_ATTR', {
  familyName: string(2, { max: 15 }),
  familyId: u16(1),
  version: u32(3),
  hdrsize: u32(4),
  maxattr: u32(5),
  ops: numbered(6, operation),
  mcastGroups: numbered(7, multicastGroup),
});
export type CtrlAttributes = AttributesOf<typeof ctrlAttributes>;
export const ctrlMessage = genlMessage('nlctrl', ctrlAttributes);
