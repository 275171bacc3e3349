/**
 * A Unix socket that a program of the instance has from the host's kernel: what is known of it, which is what /proc/net/unix tells.
 * Linux: unix_seq_show()
 */
export interface ProgramUnixSocket {
  readonly inode: number;
  /** SOCK_* */
  readonly type: number;
  /** UNIX_CLOSE, UNIX_ESTABLISHED, UNIX_LISTEN. */
  readonly state: number;
  /** A path, or a zero byte and what lies behind it; null: it has no name. */
  readonly name: Uint8Array | null;
  /** Its line of /proc/net/unix, without the line feed. */
  readonly line: string;
}
