"""many.py SOCKETS: one program with so many sockets at once, all of them in use, and none left behind."""
import resource, socket, sys

count = int(sys.argv[1])
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 100), hard))
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(128)
clients, peers = [], []
for i in range(count // 4):
    clients.append(socket.create_connection(server.getsockname()))
    peers.append(server.accept()[0])
datagrams = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count // 2)]
for sock in datagrams:
    sock.bind(("127.0.0.1", 0))
for i, sock in enumerate(clients):
    sock.send(b"%d" % i)
    datagrams[i].sendto(b"%d" % i, datagrams[-1 - i].getsockname())
assert all(peer.recv(10) == b"%d" % i for i, peer in enumerate(peers))
assert all(datagrams[-1 - i].recv(10) == b"%d" % i for i in range(len(clients)))
print(len(clients) + len(peers) + len(datagrams), "sockets")
