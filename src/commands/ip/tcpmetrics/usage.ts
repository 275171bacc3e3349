/** What `ip tcp_metrics help` prints, without its last newline. */
export const TCP_METRICS_USAGE = `Usage:\tip tcp_metrics/tcpmetrics { COMMAND | help }
\tip tcp_metrics { show | flush } SELECTOR
\tip tcp_metrics delete [ address ] ADDRESS
SELECTOR := [ [ address ] PREFIX ]`;
