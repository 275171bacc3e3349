"""serve NAME PORT: an HTTP server that says its name; ask HOST PORT TIMES: how often who answered; hold HOST PORT: two answers on one connection."""
import collections
import http.client
import http.server
import socketserver
import sys

what, first, port = sys.argv[1], sys.argv[2], int(sys.argv[3])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        body = first.encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    request_queue_size = 128
    daemon_threads = True
    # Nobody's name is looked up.
    server_bind = socketserver.TCPServer.server_bind


def answer(connection):
    connection.request('GET', '/')
    return connection.getresponse().read().decode()


if what == 'serve':
    Server(('', port), Handler).serve_forever()
elif what == 'ask':
    counts = collections.Counter()
    for _ in range(int(sys.argv[4])):
        connection = http.client.HTTPConnection(first, port, timeout=5)
        try:
            counts[answer(connection)] += 1
        except OSError as error:
            counts[type(error).__name__] += 1
        connection.close()
    print(' '.join(f'{name} {count}' for name, count in sorted(counts.items())))
elif what == 'hold':
    connection = http.client.HTTPConnection(first, port, timeout=5)
    print(answer(connection), flush=True)
    sys.stdin.readline()
    print(answer(connection), flush=True)
