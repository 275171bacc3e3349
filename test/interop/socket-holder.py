"""Opens sockets of many kinds in its network namespace, says "ready", and holds them until its standard input ends."""
import ctypes
import os
import socket as s
import struct
import subprocess
import sys

folder = sys.argv[1]
keep = []


def held(socket):
    keep.append(socket)
    return socket


def tcp(family=s.AF_INET):
    socket = held(s.socket(family, s.SOCK_STREAM))
    socket.setsockopt(s.SOL_SOCKET, s.SO_REUSEADDR, 1)
    return socket


def listen(address, port, family=s.AF_INET, backlog=5, v6only=None, device=None, mark=None):
    socket = tcp(family)
    if v6only is not None:
        socket.setsockopt(s.IPPROTO_IPV6, s.IPV6_V6ONLY, v6only)
    if device is not None:
        socket.setsockopt(s.SOL_SOCKET, s.SO_BINDTODEVICE, device)
    if mark is not None:
        socket.setsockopt(s.SOL_SOCKET, s.SO_MARK, mark)
    socket.bind((address, port))
    socket.listen(backlog)
    return socket


def connect(port, to, family=s.AF_INET):
    socket = tcp(family)
    socket.bind(('127.0.0.1' if family == s.AF_INET else '::1', port))
    socket.connect(to)
    return socket


for command in ('link set lo up', 'link add v0 type veth peer name v1', 'addr add 10.9.0.1/24 dev v0', 'link set v0 up', 'link set v1 up'):
    subprocess.run(['ip', *command.split()], check=True)

web = listen('0.0.0.0', 8080)
listen('127.0.0.1', 7070, backlog=10)
both = listen('::', 9090, s.AF_INET6)
listen('::', 9091, s.AF_INET6, v6only=1)
listen('10.9.0.1', 22, device=b'v0', mark=0x10)
printer = listen('::1', 631, s.AF_INET6)
client = connect(40000, ('127.0.0.1', 8080))
server = held(web.accept()[0])
client.send(b'x' * 1000)
server.send(b'y' * 10)
connect(40001, ('127.0.0.1', 9090))
held(both.accept()[0])
connect(40002, ('::1', 631), s.AF_INET6)
half = held(printer.accept()[0])
half.shutdown(s.SHUT_WR)
connect(40003, ('127.0.0.1', 7070))
alive = tcp()
alive.bind(('127.0.0.1', 40005))
alive.setsockopt(s.SOL_SOCKET, s.SO_KEEPALIVE, 1)
alive.setsockopt(s.IPPROTO_TCP, s.TCP_KEEPIDLE, 30000)
alive.setsockopt(s.IPPROTO_IP, s.IP_TOS, 0x10)
alive.setsockopt(s.SOL_SOCKET, s.SO_PRIORITY, 3)
alive.connect(('127.0.0.1', 8080))
held(web.accept()[0])

named = held(s.socket(s.AF_INET, s.SOCK_DGRAM))
named.bind(('0.0.0.0', 5353))
held(s.socket(s.AF_INET6, s.SOCK_DGRAM)).bind(('::1', 53))
talking = held(s.socket(s.AF_INET, s.SOCK_DGRAM))
talking.bind(('127.0.0.1', 6000))
talking.connect(('127.0.0.1', 5353))
talking.send(b'hello')
dhcp = held(s.socket(s.AF_INET6, s.SOCK_DGRAM))
dhcp.setsockopt(s.SOL_SOCKET, s.SO_BINDTODEVICE, b'v0')
dhcp.bind(('::', 547))
held(s.socket(s.AF_INET, s.SOCK_RAW, 1))
held(s.socket(s.AF_INET6, s.SOCK_RAW, 58))

path = os.path.join(folder, 'a.sock')
unix = held(s.socket(s.AF_UNIX))
unix.bind(path)
unix.listen(7)
for data in (b'abc', b''):
    peer = held(s.socket(s.AF_UNIX))
    peer.connect(path)
    peer.send(data)
held(unix.accept()[0])
abstract = held(s.socket(s.AF_UNIX, s.SOCK_DGRAM))
abstract.bind('\0tapstack\0x')
sender = held(s.socket(s.AF_UNIX, s.SOCK_DGRAM))
sender.connect('\0tapstack\0x')
sender.send(b'12345')
packets = held(s.socket(s.AF_UNIX, s.SOCK_SEQPACKET))
packets.bind('\0seq')
packets.listen(1)

frames = held(s.socket(s.AF_PACKET, s.SOCK_RAW, s.htons(0x88b5)))
code = b''.join(struct.pack('HBBI', *line) for line in ((0x28, 0, 0, 12), (0x15, 0, 1, 0x800), (6, 0, 0, 0xffff), (6, 0, 0, 0)))
buffer = ctypes.create_string_buffer(code)
frames.setsockopt(s.SOL_SOCKET, 26, struct.pack('HxxxxxxQ', 4, ctypes.addressof(buffer)))
ip = held(s.socket(s.AF_PACKET, s.SOCK_DGRAM, s.htons(0x88b6)))
ip.bind(('v0', 0x88b6))
arp = held(s.socket(s.AF_PACKET, s.SOCK_RAW, s.htons(0x88b7)))
arp.bind(('v0', 0x88b7))
arp.setsockopt(263, 18, 7 | (1 << 16))
arp.setsockopt(263, 8, 1)
held(s.socket(s.AF_NETLINK, s.SOCK_RAW, 0)).bind((0, 0x11))

print('ready', os.getpid(), flush=True)
sys.stdin.read()
