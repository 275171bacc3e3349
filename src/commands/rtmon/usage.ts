/** What `rtmon help` prints, without its last newline. */
export const RTMON_USAGE = `Usage: rtmon [ OPTIONS ] file FILE [ all | LISTofOBJECTS ]
OPTIONS := { -f[amily] { inet | inet6 | link | help } |
             -4 | -6 | -0 | -V[ersion] }
LISTofOBJECTS := [ link ] [ address ] [ route ]`;
