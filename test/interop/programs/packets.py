"""Packet sockets of a program: what it prints must be the same on the host's kernel and on the stack."""
import ctypes, errno, mmap, socket, struct

libc = ctypes.CDLL(None, use_errno=True)


def outcome(work, *args):
    """What a call gives, or the name of its error."""
    try:
        return work(*args)
    except OSError as error:
        return errno.errorcode[error.errno]


def ring(sock, option, frame):
    sock.setsockopt(263, 10, 1)  # PACKET_VERSION: TPACKET_V2
    sock.setsockopt(263, option, struct.pack("IIII", 4096, 1, frame, 4096 // frame))
    return mmap.mmap(sock.fileno(), 4096)


def packets_are_sent_from_a_ring():
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind(("lo", 0))
    memory = ring(sock, 13, 1024)
    reader = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88B5))
    reader.settimeout(5)
    got = []
    for turn in range(6):
        at = (turn % 4) * 1024
        frame = bytes(12) + b"\x88\xb5" + b"ring %d" % turn
        memory[at + 32:at + 32 + len(frame)] = frame
        memory[at + 4:at + 8] = struct.pack("I", len(frame))
        memory[at:at + 4] = struct.pack("I", 1)
        sent = sock.send(b"")
        got.append((sent == len(frame), reader.recv(99)[14:], struct.unpack("I", memory[at:at + 4])[0]))
    memory[2 * 1024 + 4:2 * 1024 + 8] = struct.pack("I", 5000)
    memory[2 * 1024:2 * 1024 + 4] = struct.pack("I", 1)
    return got, outcome(sock.send, b""), struct.unpack("I", memory[2 * 1024:2 * 1024 + 4])[0], outcome(sock.setsockopt, 263, 10, 0)


def a_packet_socket_waits_as_long_as_it_may():
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88B5))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("qq", 0, 100_000))
    address = struct.pack("=HHiHBB8s", 0, 0xB588, socket.if_nametoindex("lo"), 0, 0, 6, bytes(8))
    sent = libc.sendto(sock.fileno(), bytes(12) + b"\x88\xb5" + b"x" * 50, 64, 0, address, 20)
    got = [sent, sock.recv(99)[12:16], libc.sendto(sock.fileno(), bytes(64), 64, 0, address, 12)]
    while outcome(sock.recv, 99) != "EAGAIN":
        pass
    return got, sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16)


print(packets_are_sent_from_a_ring())
print(a_packet_socket_waits_as_long_as_it_may())
