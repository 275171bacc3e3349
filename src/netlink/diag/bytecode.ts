/**
 * The filter language of INET_DIAG_REQ_BYTECODE. Each operation is struct inet_diag_bc_op { u8 code, u8 yes, u16 no }, perhaps with
 * its argument behind; `yes` and `no` say by how many bytes to go on. A socket passes when that ends exactly behind the last one.
 */
export const INET_DIAG_BC_NOP = 0;
/** Goes on by `no`. */
export const INET_DIAG_BC_JMP = 1;
// Ports: the number is in `no` of another inet_diag_bc_op behind.
export const INET_DIAG_BC_S_GE = 2;
export const INET_DIAG_BC_S_LE = 3;
export const INET_DIAG_BC_D_GE = 4;
export const INET_DIAG_BC_D_LE = 5;
/** The port was not chosen by the user. */
export const INET_DIAG_BC_AUTO = 6;
// Addresses: struct inet_diag_hostcond behind.
export const INET_DIAG_BC_S_COND = 7;
export const INET_DIAG_BC_D_COND = 8;
/** u32 behind: the ifindex that the socket is bound to. */
export const INET_DIAG_BC_DEV_COND = 9;
/** struct inet_diag_markcond behind: u32 mark, u32 mask. */
export const INET_DIAG_BC_MARK_COND = 10;
export const INET_DIAG_BC_S_EQ = 11;
export const INET_DIAG_BC_D_EQ = 12;
/** u64 behind. */
export const INET_DIAG_BC_CGROUP_COND = 13;

export const BC_OP_BYTES = 4;
/** struct inet_diag_hostcond { u8 family, u8 prefix_len, int port, be32 addr[] } without its address; port -1: any. */
export const BC_HOSTCOND_BYTES = 8;
