import { EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { NLM_F_MULTI } from '../../netlink/constants.js';
import { CTRL_CMD_GETFAMILY, CTRL_CMD_NEWFAMILY, type CtrlAttributes, ctrlMessage, GENL_ID_CTRL } from '../../netlink/genl/genl.js';
import { commandFlags, type GenlFamilyMaker, type RegisteredFamily } from './generic-netlink.js';

const header = { command: CTRL_CMD_NEWFAMILY, version: 2 };

// Linux: ctrl_fill_info()
function describe({ id, family, firstGroup }: RegisteredFamily): CtrlAttributes {
  const { commands, multicastGroups = [] } = family;
  return {
    familyName: family.name,
    familyId: id,
    version: family.version,
    hdrsize: 0,
    maxattr: family.maxAttribute,
    ...(commands.length === 0 ? {} : { ops: commands.map((command) => ({ id: command.command, flags: commandFlags(command, family) })) }),
    ...(multicastGroups.length === 0 ? {} : { mcastGroups: multicastGroups.map((name, index) => ({ id: firstGroup + index, name })) }),
  };
}

/** "nlctrl": the family that names the others. */
export const controller: GenlFamilyMaker = (_server, registered) => ({
  name: 'nlctrl',
  version: 2,
  maxAttribute: 10,
  multicastGroups: ['notify'],
  commands: [
    {
      command: CTRL_CMD_GETFAMILY,
      handle(request) {
        const { familyId, familyName } = ctrlMessage.parse(request.message, true).attributes;
        if (familyId === undefined && familyName === undefined) fail(EINVAL);
        const found = registered.find((entry) => entry.id === familyId || entry.family.name === familyName) ?? fail(ENOENT);
        request.answer(ctrlMessage, header, describe(found), GENL_ID_CTRL);
      },
      dump: (request) => ({
        *messages(writer) {
          for (const entry of registered) {
            ctrlMessage.build(writer, GENL_ID_CTRL, NLM_F_MULTI, request.message.sequence, request.socket.portId, header, describe(entry));
            yield;
          }
        },
      }),
    },
  ],
});
