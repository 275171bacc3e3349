"""Checks of what sockets do, by a program. Each prints one line; the host's kernel and the stack must print the same."""
import array, ctypes, errno, fcntl, os, select, signal, socket, struct, sys, termios, threading, time

HOST = "127.0.0.1"
TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM
libc = ctypes.CDLL(None, use_errno=True)
checks = []


def check(work):
    checks.append(work)
    return work


def outcome(work, *args):
    """What a call gives, or the name of its error."""
    try:
        return work(*args)
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__) if error.errno else type(error).__name__


def listener(backlog=5, family=socket.AF_INET, host=HOST):
    sock = socket.socket(family, TCP)
    sock.bind((host, 0))
    sock.listen(backlog)
    return sock


def pair():
    server = listener()
    client = socket.create_connection(server.getsockname())
    peer, _ = server.accept()
    server.close()
    return client, peer


def udp():
    sock = socket.socket(socket.AF_INET, UDP)
    sock.bind((HOST, 0))
    return sock


def events(sock, wanted=select.POLLIN | select.POLLOUT | select.POLLRDHUP, ms=2000):
    poll = select.poll()
    poll.register(sock, wanted)
    return sorted(name for name in ("POLLIN", "POLLOUT", "POLLERR", "POLLHUP", "POLLRDHUP", "POLLPRI")
                  for _, got in poll.poll(ms) if got & getattr(select, name))


def settled(sock, wanted, mask=select.POLLIN | select.POLLOUT | select.POLLRDHUP):
    """The events, once they are those wanted, or after a second."""
    limit = time.monotonic() + 1
    while True:
        got = events(sock, mask, 50)
        if got == wanted or time.monotonic() > limit:
            return got


def closed_port():
    sock = socket.socket()
    sock.bind((HOST, 0))
    port = sock.getsockname()[1]
    sock.close()
    return port


# -- making sockets ---------------------------------------------------------------------------------------------------------------
@check
def makes_sockets_of_the_usual_kinds():
    return [(s.family.name, s.type.name, s.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL))
            for s in (socket.socket(family, kind) for family in (socket.AF_INET, socket.AF_INET6) for kind in (TCP, UDP))]


@check
def refuses_sockets_that_are_none():
    return [outcome(socket.socket, *words) for words in
            ((socket.AF_INET, TCP, 17), (socket.AF_INET, UDP, 6), (socket.AF_INET, 5), (socket.AF_INET, 9), (77, TCP))]


@check
def cloexec_and_nonblock_are_as_asked():
    out = []
    for flags in (0, socket.SOCK_CLOEXEC, socket.SOCK_NONBLOCK):
        sock = socket.socket(socket.AF_INET, TCP | flags)
        os.set_inheritable(sock.fileno(), not flags & socket.SOCK_CLOEXEC) if False else None
        out.append(bool(fcntl.fcntl(sock, fcntl.F_GETFL) & os.O_NONBLOCK))
    return out


@check
def a_descriptor_that_is_no_socket():
    read, _ = os.pipe()
    sock = socket.socket(socket.AF_INET, TCP)
    number = os.dup(read)
    os.dup2(number, sock.fileno())
    return [outcome(sock.bind, (HOST, 0)), outcome(sock.listen), outcome(sock.getsockname)]


@check
def a_fresh_socket_has_no_names():
    sock = socket.socket()
    return sock.getsockname(), outcome(sock.getpeername)


# -- names ------------------------------------------------------------------------------------------------------------------------
@check
def bind_twice_is_an_error():
    sock = socket.socket()
    sock.bind((HOST, 0))
    return outcome(sock.bind, (HOST, 0))


@check
def a_taken_port_is_in_use():
    sock = listener()
    return outcome(socket.socket().bind, sock.getsockname())


@check
def reuseaddr_lets_two_bind_that_do_not_listen():
    one, two = socket.socket(), socket.socket()
    for sock in (one, two):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind((HOST, 0))
    second = outcome(two.bind, one.getsockname())
    one.listen()
    return second, outcome(two.listen)


@check
def an_address_of_nobody_cannot_be_bound():
    return outcome(socket.socket().bind, ("192.0.2.77", 0))


@check
def wildcard_and_ipv6_names():
    four, six = socket.socket(), socket.socket(socket.AF_INET6)
    four.bind(("", 0))
    six.bind(("::", 0))
    return four.getsockname()[0], six.getsockname()[0], six.getsockname()[2:]


@check
def an_ipv6_socket_serves_ipv4_clients():
    sock = listener(5, socket.AF_INET6, "::")
    client = socket.create_connection((HOST, sock.getsockname()[1]))
    peer, name = sock.accept()
    return name[0], peer.getsockname()[0], client.getpeername()[0]


@check
def v6only_does_not():
    sock = socket.socket(socket.AF_INET6)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind(("::", 0))
    sock.listen()
    return outcome(socket.create_connection, (HOST, sock.getsockname()[1]))


@check
def ipv6_over_the_loopback():
    sock = listener(5, socket.AF_INET6, "::1")
    client = socket.socket(socket.AF_INET6)
    client.connect(sock.getsockname())
    peer, name = sock.accept()
    client.sendall(b"six")
    return name[0], peer.recv(10)


@check
def short_addresses_are_refused():
    libc = __import__("ctypes").CDLL(None, use_errno=True)
    sock = socket.socket()
    name = struct.pack("<H", socket.AF_INET)
    get = __import__("ctypes").get_errno
    return [(libc.bind(sock.fileno(), name, len(name)), errno.errorcode[get()]),
            (libc.connect(sock.fileno(), name, len(name)), errno.errorcode[get()]),
            (libc.bind(sock.fileno(), None, 16), errno.errorcode[get()])]


# -- connecting -------------------------------------------------------------------------------------------------------------------
@check
def a_closed_port_refuses():
    return outcome(socket.socket().connect, (HOST, closed_port()))


@check
def connecting_twice():
    client, _peer = pair()
    return outcome(client.connect, client.getpeername())


@check
def names_of_a_connection_agree():
    client, peer = pair()
    return client.getsockname() == peer.getpeername(), client.getpeername() == peer.getsockname()


@check
def nonblocking_connect_ends_writable():
    server = listener()
    sock = socket.socket()
    sock.setblocking(False)
    first = sock.connect_ex(server.getsockname())
    got = settled(sock, ["POLLOUT"])
    return errno.errorcode[first], got, sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), sock.connect_ex(server.getsockname())


@check
def nonblocking_connect_that_is_refused():
    sock = socket.socket()
    sock.setblocking(False)
    port = closed_port()
    first = sock.connect_ex((HOST, port))
    got = events(sock, select.POLLOUT)
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.errorcode[first], got, errno.errorcode[error], sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


@check
def after_a_refusal_the_socket_connects_again():
    sock = socket.socket()
    first = outcome(sock.connect, (HOST, closed_port()))
    server = listener()
    sock.connect(server.getsockname())
    peer, _ = server.accept()
    sock.sendall(b"again")
    return first, peer.recv(10)


@check
def nonblocking_again_after_a_refusal():
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex((HOST, closed_port()))
    events(sock, select.POLLOUT)
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    server = listener()
    told = sock.connect_ex(server.getsockname())
    again = sock.connect_ex(server.getsockname())
    settled(sock, ["POLLOUT"])
    peer, _ = server.accept()
    sock.send(b"there")
    return errno.errorcode[error], errno.errorcode[told], errno.errorcode.get(again, again), peer.recv(10)


@check
def udp_connect_and_away():
    sock, other = udp(), udp()
    sock.connect(other.getsockname())
    there = sock.getpeername() == other.getsockname()
    libc = __import__("ctypes").CDLL(None)
    away = libc.connect(sock.fileno(), struct.pack("<H14x", socket.AF_UNSPEC), 16)
    return there, away, outcome(sock.getpeername)


@check
def wrong_family_of_an_address():
    libc = __import__("ctypes").CDLL(None, use_errno=True)
    sock = socket.socket()
    result = libc.connect(sock.fileno(), struct.pack("<H26x", socket.AF_INET6), 28)
    return result, errno.errorcode[__import__("ctypes").get_errno()]


@check
def no_route():
    return outcome(socket.socket().connect, ("198.51.100.1", 80)), outcome(udp_any().sendto, b"x", ("198.51.100.1", 80))


def udp_any():
    return socket.socket(socket.AF_INET, UDP)


# -- accepting --------------------------------------------------------------------------------------------------------------------
@check
def a_listener_is_readable_as_long_as_one_waits():
    server = listener()
    before = events(server, ms=0)
    clients = [socket.create_connection(server.getsockname()) for _ in range(3)]
    seen = []
    for _ in clients:
        seen.append(settled(server, ["POLLIN"]))
        server.accept()
    return before, seen, events(server, ms=0)


@check
def accept_without_connections():
    server = listener()
    server.setblocking(False)
    return outcome(server.accept)


@check
def accept_on_what_does_not_listen():
    sock = socket.socket()
    sock.bind((HOST, 0))
    return outcome(sock.accept), outcome(udp().accept), outcome(udp().listen)


@check
def accept_waits():
    server = listener()
    name = server.getsockname()
    threading.Timer(0.1, lambda: socket.create_connection(name).sendall(b"late")).start()
    peer, _ = server.accept()
    return peer.recv(10)


@check
def accept_with_a_time_limit_of_the_kernel():
    server = listener()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 100_000))
    start = time.monotonic()
    result = outcome(server.accept)
    return result, 0.08 < time.monotonic() - start < 1


@check
def an_accepted_socket_inherits_no_nonblock_but_options():
    server = listener()
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server.setblocking(False)
    client = socket.create_connection(server.getsockname())
    settled(server, ["POLLIN"])
    fd, _ = server._accept()
    peer = socket.socket(fileno=fd)
    return bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK), peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), client.fileno() >= 0


@check
def closing_a_listener_resets_who_waits():
    server = listener()
    client = socket.create_connection(server.getsockname())
    server.close()
    return outcome(client.recv, 10)


# -- streams ----------------------------------------------------------------------------------------------------------------------
@check
def bytes_come_in_order():
    client, peer = pair()
    data = os.urandom(3_000_000)
    threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR))).start()
    got = b""
    while piece := peer.recv(65_536):
        got += piece
    return got == data


@check
def peek_leaves_the_bytes():
    client, peer = pair()
    client.sendall(b"peeked")
    return peer.recv(3, socket.MSG_PEEK), peer.recv(10), outcome(peer.recv, 10, socket.MSG_DONTWAIT)


@check
def waitall_waits_for_all():
    client, peer = pair()
    client.sendall(b"12345")
    threading.Timer(0.05, client.sendall, (b"67890",)).start()
    return peer.recv(10, socket.MSG_WAITALL)


@check
def half_close():
    client, peer = pair()
    client.sendall(b"question")
    client.shutdown(socket.SHUT_WR)
    asked = peer.recv(20)
    end = peer.recv(20)
    peer.sendall(b"answer")
    got = client.recv(20)
    return asked, end, got, settled(peer, ["POLLIN", "POLLOUT", "POLLRDHUP"])


@check
def what_is_sent_after_shutdown():
    client, _peer = pair()
    client.shutdown(socket.SHUT_WR)
    return outcome(client.send, b"x"), outcome(client.shutdown, socket.SHUT_WR)


@check
def shutdown_of_what_is_not_connected():
    return outcome(socket.socket().shutdown, socket.SHUT_RDWR)


@check
def both_directions_shut():
    client, peer = pair()
    client.shutdown(socket.SHUT_RDWR)
    end = client.recv(1), peer.recv(1)
    return end, "POLLHUP" in settled(client, ["POLLHUP", "POLLIN", "POLLOUT", "POLLRDHUP"])


@check
def a_close_is_the_end_for_the_peer():
    client, peer = pair()
    client.sendall(b"last")
    client.close()
    return peer.recv(10), peer.recv(10), settled(peer, ["POLLIN", "POLLOUT", "POLLRDHUP"])


@check
def a_close_with_unread_bytes_is_a_reset():
    client, peer = pair()
    peer.sendall(b"never read")
    settled(client, ["POLLIN", "POLLOUT"])
    client.close()
    return outcome(peer.recv, 10)


@check
def linger_zero_is_a_reset():
    client, peer = pair()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    return outcome(peer.recv, 10), outcome(peer.getpeername)


@check
def writing_to_who_has_gone_is_epipe_in_the_end():
    client, peer = pair()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    time.sleep(0.1)
    outcome(client.recv, 1)
    return outcome(client.send, b"x")


@check
def sigpipe_comes_unless_it_is_not_wanted():
    client, _peer = pair()
    client.shutdown(socket.SHUT_WR)
    seen = []
    signal.signal(signal.SIGPIPE, lambda *_: seen.append("SIGPIPE"))
    quiet = outcome(client.send, b"x", socket.MSG_NOSIGNAL)
    seen.append("-")
    loud = outcome(os.write, client.fileno(), b"x")
    time.sleep(0.01)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    return quiet, loud, seen


@check
def a_full_pipe_says_so_and_goes_on():
    client, peer = pair()
    client.setblocking(False)
    sent, before = 0, -1
    while sent != before:
        before = sent
        try:
            while True:
                sent += client.send(b"z" * 65_536)
        except BlockingIOError:
            time.sleep(0.3)
    full = events(client, select.POLLOUT, 0)
    got = 0
    while got < sent:
        got += len(peer.recv(1 << 20))
    return full, got == sent, settled(client, ["POLLOUT"], select.POLLOUT)


@check
def the_kernel_limits_the_wait_of_recv():
    client, _peer = pair()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 100_000))
    start = time.monotonic()
    result = outcome(client.recv, 1)
    return result, 0.08 < time.monotonic() - start < 1


@check
def recvmsg_and_sendmsg_of_a_stream():
    client, peer = pair()
    sent = client.sendmsg([b"one", b"two", b"three"])
    data, control, flags, name = peer.recvmsg(100, 100)
    return sent, data, control, flags, name


@check
def fionread_and_outq():
    client, peer = pair()
    client.sendall(b"12345678")
    settled(peer, ["POLLIN", "POLLOUT"])
    waiting = array.array("i", [0])
    fcntl.ioctl(peer, termios.FIONREAD, waiting)
    return waiting[0]


@check
def sendfile_from_a_file():
    client, peer = pair()
    with open(sys.argv[0], "rb") as file:
        sent = os.sendfile(client.fileno(), file.fileno(), 0, 1000)
        return sent, peer.recv(1000, socket.MSG_WAITALL) == open(sys.argv[0], "rb").read(1000)


@check
def splice_through_a_pipe():
    client, peer = pair()
    other, sink = pair()
    client.sendall(b"spliced")
    read, write = os.pipe()
    moved = os.splice(peer.fileno(), write, 100)
    return moved, os.splice(read, other.fileno(), 100), sink.recv(10)


@check
def duplicates_keep_it_open():
    client, peer = pair()
    copy = client.dup()
    client.close()
    copy.sendall(b"still")
    got = peer.recv(10)
    copy.close()
    return got, peer.recv(10)


@check
def children_inherit_it():
    client, peer = pair()
    child = os.fork()
    if child == 0:
        os.write(client.fileno(), b"from the child")
        os._exit(0)
    client.close()
    os.waitpid(child, 0)
    return peer.recv(20), peer.recv(20)


@check
def descriptors_travel_over_unix_sockets():
    client, peer = pair()
    here, there = socket.socketpair()
    socket.send_fds(here, [b"x"], [client.fileno()])
    _, fds, _, _ = socket.recv_fds(there, 1, 1)
    moved = socket.socket(fileno=fds[0])
    client.close()
    moved.sendall(b"moved")
    return peer.recv(10), moved.getpeername() == peer.getsockname()


@check
def a_killed_program_closes_its_sockets():
    server = listener()
    child = os.fork()
    if child == 0:
        socket.create_connection(server.getsockname()).sendall(b"x")
        signal.pause()
    peer, _ = server.accept()
    got = peer.recv(1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return got, peer.recv(1)


# -- options ----------------------------------------------------------------------------------------------------------------------
@check
def options_of_a_fresh_tcp_socket():
    sock = socket.socket()
    names = ["SO_TYPE", "SO_ERROR", "SO_REUSEADDR", "SO_KEEPALIVE", "SO_ACCEPTCONN", "SO_DOMAIN", "SO_PROTOCOL", "SO_BROADCAST",
             "SO_OOBINLINE", "SO_REUSEPORT", "SO_PRIORITY", "SO_MARK", "SO_RCVLOWAT", "SO_SNDLOWAT"]
    return [(name, outcome(sock.getsockopt, socket.SOL_SOCKET, getattr(socket, name))) for name in names if hasattr(socket, name)]


@check
def buffers_are_doubled():
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10_000)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10_000)
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF), sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)


@check
def tcp_options():
    sock = socket.socket()
    out = []
    for name, value in (("TCP_NODELAY", 1), ("TCP_KEEPIDLE", 77), ("TCP_KEEPINTVL", 7), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 5000),
                        ("TCP_CORK", 1), ("TCP_SYNCNT", 3), ("TCP_DEFER_ACCEPT", 1), ("TCP_QUICKACK", 0), ("TCP_LINGER2", 9)):
        sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        out.append((name, sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))))
    return out


@check
def ip_options():
    sock = socket.socket(socket.AF_INET, UDP)
    out = []
    for name, value in (("IP_TTL", 9), ("IP_TOS", 0x10), ("IP_MULTICAST_TTL", 3), ("IP_MULTICAST_LOOP", 0)):
        sock.setsockopt(socket.IPPROTO_IP, getattr(socket, name), value)
        out.append((name, sock.getsockopt(socket.IPPROTO_IP, getattr(socket, name))))
    return out


@check
def options_that_are_wrong():
    sock = socket.socket()
    return [outcome(sock.setsockopt, *words) for words in
            ((socket.SOL_SOCKET, 9999, 1), (socket.IPPROTO_TCP, 9999, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, b"x"),
             (socket.IPPROTO_IP, socket.IP_TTL, 0), (socket.IPPROTO_IP, socket.IP_TTL, 256), (123, 1, 1))] + [
                 outcome(sock.getsockopt, socket.SOL_SOCKET, 9999), outcome(sock.getsockopt, socket.IPPROTO_TCP, 9999)]


@check
def a_short_buffer_cuts_an_option():
    sock = socket.socket()
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 2), sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 4)


@check
def linger_and_timeouts_read_back():
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 5))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 2, 500_000))
    return (struct.unpack("ii", sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)),
            struct.unpack("ll", sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16)))


@check
def congestion_control_and_state():
    client, _peer = pair()
    info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0") != b"", info[0]


@check
def a_listener_says_so():
    server = listener()
    return server.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), server.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


# -- datagrams --------------------------------------------------------------------------------------------------------------------
@check
def datagrams_keep_their_boundaries():
    one, two = udp(), udp()
    for text in (b"a", b"", b"ccc"):
        one.sendto(text, two.getsockname())
    got = [two.recvfrom(10) for _ in range(3)]
    return [data for data, _ in got], {name == one.getsockname() for _, name in got}


@check
def a_connected_pair_of_datagrams():
    one, two = udp(), udp()
    one.connect(two.getsockname())
    two.connect(one.getsockname())
    one.send(b"native")
    first = two.recv(100)
    two.send(b"back")
    os.write(one.fileno(), b"by write")
    return first, one.recv(100), os.read(two.fileno(), 100)


@check
def a_long_datagram_is_cut():
    one, two = udp(), udp()
    one.sendto(b"0123456789", two.getsockname())
    one.sendto(b"0123456789", two.getsockname())
    data, _, flags, _ = two.recvmsg(4)
    return data, flags & socket.MSG_TRUNC != 0, two.recv_into(bytearray(4), 4, socket.MSG_TRUNC)


@check
def datagram_peek_and_poll():
    one, two = udp(), udp()
    before = events(two, ms=0)
    one.sendto(b"look", two.getsockname())
    after = settled(two, ["POLLIN", "POLLOUT"])
    seen = two.recvfrom(10, socket.MSG_PEEK)[0], two.recvfrom(10)[0]
    return before, after, seen, events(two, ms=0), outcome(two.recv, 10, socket.MSG_DONTWAIT)


@check
def only_the_peer_reaches_a_connected_socket():
    one, two, three = udp(), udp(), udp()
    one.connect(two.getsockname())
    three.sendto(b"stranger", one.getsockname())
    two.sendto(b"peer", one.getsockname())
    return one.recv(20)


@check
def an_unconnected_socket_needs_an_address():
    return outcome(udp().sendmsg, [b"x"]), outcome(udp().sendto, b"x" * 70_000, (HOST, 9))


@check
def port_unreachable_reaches_a_connected_socket():
    sock = udp()
    sock.connect((HOST, closed_udp()))
    sock.sendmsg([b"x"])
    time.sleep(0.05)
    return outcome(sock.recvmsg, 10), outcome(sock.recv, 10, socket.MSG_DONTWAIT)


def closed_udp():
    sock = udp()
    port = sock.getsockname()[1]
    sock.close()
    return port


@check
def the_error_queue():
    sock = udp()
    port = closed_udp()
    sock.setsockopt(socket.IPPROTO_IP, 11, 1)
    sock.sendto(b"lost", (HOST, port))
    time.sleep(0.05)
    got = events(sock, select.POLLIN, 500)
    data, control, flags, name = sock.recvmsg(100, 512, socket.MSG_ERRQUEUE)
    (level, kind, body), = control
    number, origin, what, code = struct.unpack_from("=IBBB", body)
    return "POLLERR" in got or got == ["POLLIN"], data, (level, kind), errno.errorcode[number], origin, what, code, flags & socket.MSG_ERRQUEUE != 0, name[1] == port


@check
def packet_info_ttl_and_tos():
    one, two = udp(), udp()
    for option in (8, 12, 13):
        two.setsockopt(socket.IPPROTO_IP, option, 1)
    one.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 33)
    one.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 8)
    one.sendto(b"x", two.getsockname())
    _, control, _, _ = two.recvmsg(10, 512)
    return sorted((level, kind, body.hex()) for level, kind, body in control)


@check
def timestamps():
    one, two = udp(), udp()
    two.setsockopt(socket.SOL_SOCKET, socket.SO_TIMESTAMP if hasattr(socket, "SO_TIMESTAMP") else 29, 1)
    one.sendto(b"x", two.getsockname())
    _, control, _, _ = two.recvmsg(10, 512)
    level, kind, body = control[0]
    return level, kind, abs(struct.unpack("ll", body)[0] - time.time()) < 5


@check
def a_filter_cuts_and_drops():
    import ctypes
    one, two = udp(), udp()

    def attach(keep):
        code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, keep))
        two.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", 1, ctypes.addressof(code)))

    attach(8 + 2)
    one.sendto(b"12345", two.getsockname())
    cut = two.recv(10)
    attach(0)
    one.sendto(b"lost", two.getsockname())
    two.settimeout(0.1)
    return cut, outcome(two.recv, 10)


@check
def recv_timeout_of_datagrams():
    sock = udp()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 100_000))
    start = time.monotonic()
    return outcome(sock.recvfrom, 1), outcome(sock.recv, 1), 0.18 < time.monotonic() - start < 2


@check
def shutdown_ends_the_wait_of_a_datagram_socket():
    one, two = udp(), udp()
    one.connect(two.getsockname())
    threading.Timer(0.1, one.shutdown, (socket.SHUT_RD,)).start()
    return one.recvmsg(10)[0]


@check
def broadcast_wants_permission():
    sock = udp()
    before = outcome(sock.sendto, b"x", ("255.255.255.255", 9))
    return before


@check
def multicast_over_the_loopback():
    sock = socket.socket(socket.AF_INET, UDP)
    sock.bind(("", 0))
    port = sock.getsockname()[1]
    index = socket.if_nametoindex("lo")
    joined = outcome(sock.setsockopt, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("=4s4si", socket.inet_aton("239.1.2.3"), bytes(4), index))
    twice = outcome(sock.setsockopt, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("=4s4si", socket.inet_aton("239.1.2.3"), bytes(4), index))
    sender = udp()
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("=4s4si", bytes(4), bytes(4), index))
    sender.sendto(b"all", ("239.1.2.3", port))
    sock.settimeout(1)
    return joined, twice, sock.recvfrom(10)[0]


# -- waiting ----------------------------------------------------------------------------------------------------------------------
@check
def a_signal_interrupts_accept():
    server = listener()
    seen = []

    def handler(*_):
        seen.append(1)
        raise InterruptedError(errno.EINTR, "")

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    result = outcome(server.accept)
    return result, seen


@check
def a_signal_that_restarts_does_not():
    server = listener()
    seen = []
    signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    name = server.getsockname()
    threading.Timer(0.2, lambda: socket.create_connection(name)).start()
    peer, _ = server.accept()
    return seen, peer.fileno() >= 0


@check
def edge_triggered_epoll_tells_once():
    client, peer = pair()
    poll = select.epoll()
    poll.register(peer, select.EPOLLIN | select.EPOLLET)
    client.sendall(b"1")
    first = len(poll.poll(1))
    second = len(poll.poll(0.05))
    client.sendall(b"2")
    third = len(poll.poll(1))
    return first, second, third, peer.recv(10)


@check
def edge_triggered_listener():
    server = listener()
    poll = select.epoll()
    poll.register(server, select.EPOLLIN | select.EPOLLET)
    out = []
    for _ in range(3):
        client = socket.create_connection(server.getsockname())
        out.append(len(poll.poll(1)))
        server.accept()
        client.close()
    return out


@check
def select_sees_what_poll_sees():
    client, peer = pair()
    client.sendall(b"x")
    settled(peer, ["POLLIN", "POLLOUT"])
    ready = select.select([peer, client], [client], [], 1)
    return [sock is peer for sock in ready[0]], [sock is client for sock in ready[1]]


@check
def many_connections_at_once():
    server = listener(128)
    clients = [socket.create_connection(server.getsockname()) for _ in range(100)]
    peers = [server.accept()[0] for _ in clients]
    for i, client in enumerate(clients):
        client.sendall(bytes([i]))
    return sorted(peer.recv(1)[0] for peer in peers) == list(range(100))


@check
def threads_share_a_listener():
    server = listener(64)
    served = []

    def serve():
        peer, _ = server.accept()
        served.append(peer.recv(10))

    threads = [threading.Thread(target=serve) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in threads:
        socket.create_connection(server.getsockname()).sendall(b"t")
    for thread in threads:
        thread.join(5)
    return served


# -- interfaces -------------------------------------------------------------------------------------------------------------------
@check
def interfaces_by_name_and_number():
    return socket.if_nameindex()[:1], socket.if_nametoindex("lo"), socket.if_indextoname(1), outcome(socket.if_nametoindex, "nothere")


@check
def ioctls_of_the_loopback():
    sock = socket.socket(socket.AF_INET, UDP)

    def ask(request, name="lo"):
        return fcntl.ioctl(sock, request, struct.pack("16s24x", name.encode()))

    flags = struct.unpack_from("=H", ask(0x8913), 16)[0]
    address = socket.inet_ntoa(ask(0x8915)[20:24])
    mask = socket.inet_ntoa(ask(0x891B)[20:24])
    mtu = struct.unpack_from("=i", ask(0x8921), 16)[0]
    kind = struct.unpack_from("=H", ask(0x8927), 16)[0]
    index = struct.unpack_from("=i", ask(0x8933), 16)[0]
    return hex(flags), address, mask, mtu, kind, index, outcome(ask, 0x8913, "nothere")


@check
def names_resolve_without_a_network():
    return sorted({info[4][0] for info in socket.getaddrinfo("127.0.0.1", 80)}), outcome(socket.getaddrinfo, "localhost", 80) != []


def main():
    wanted = sys.argv[1:]
    for work in checks:
        if wanted and work.__name__ not in wanted:
            continue
        try:
            result = work()
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        print(f"{work.__name__}: {result!r}", flush=True)


# -- urgent data, signals, descriptors ---------------------------------------------------------------------------------------------
PRI = select.POLLIN | select.POLLPRI


def at_mark(sock):
    answer = array.array("i", [0])
    fcntl.ioctl(sock, 0x8905, answer)
    return answer[0]


@check
def urgent_data_has_a_mark():
    a, b = pair()
    a.send(b"abc")
    a.send(b"D", socket.MSG_OOB)
    a.send(b"efg")
    got = [settled(b, ["POLLIN", "POLLPRI"], PRI), at_mark(b), b.recv(100), at_mark(b)]
    return got + [outcome(b.recv, 9, socket.MSG_OOB), outcome(b.recv, 9, socket.MSG_OOB), settled(b, ["POLLIN"], PRI), b.recv(100), at_mark(b)]


@check
def urgent_data_in_line():
    a, b = pair()
    b.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    a.send(b"abcD", socket.MSG_OOB)
    a.send(b"e")
    settled(b, ["POLLIN", "POLLPRI"], PRI)
    got = [b.recv(100), at_mark(b), outcome(b.recv, 9, socket.MSG_OOB), b.getsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE)]
    time.sleep(0.2)
    return got + [b.recv(100), at_mark(b)]


@check
def urgent_data_raises_a_signal():
    told = []
    signal.signal(signal.SIGURG, lambda *_: told.append("SIGURG"))
    a, b = pair()
    fcntl.fcntl(b, fcntl.F_SETOWN, os.getpid())
    a.sendmsg([b"x", b"yz"], [], socket.MSG_OOB)
    limit = time.monotonic() + 2
    while not told and time.monotonic() < limit:
        time.sleep(0.01)
    got = told, b.recv(9), b.recv(1, socket.MSG_OOB | socket.MSG_PEEK), b.recv(1, socket.MSG_OOB), outcome(b.recv, 1, socket.MSG_OOB)
    signal.signal(signal.SIGURG, signal.SIG_DFL)
    return got


@check
def the_second_urgent_byte_counts():
    a, b = pair()
    a.send(b"p")
    a.send(b"Q", socket.MSG_OOB)
    a.send(b"R", socket.MSG_OOB)
    settled(b, ["POLLIN", "POLLPRI"], PRI)
    time.sleep(0.2)
    return b.recv(9), outcome(b.recv, 1, socket.MSG_OOB), outcome(b.recv, 9, socket.MSG_DONTWAIT)


@check
def input_raises_sigio():
    told = []
    signal.signal(signal.SIGIO, lambda *_: told.append("SIGIO"))
    a, b = pair()
    fcntl.fcntl(b, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(b, fcntl.F_SETFL, fcntl.fcntl(b, fcntl.F_GETFL) | os.O_ASYNC)
    a.send(b"k")
    limit = time.monotonic() + 2
    while not told and time.monotonic() < limit:
        time.sleep(0.01)
    got = told[:1], b.recv(9), fcntl.fcntl(b, fcntl.F_GETFL) & os.O_ASYNC != 0
    fcntl.fcntl(b, fcntl.F_SETFL, os.O_RDWR)
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    return got


@check
def a_signal_ends_a_wait_or_not():
    got = []
    a, b = pair()
    for restarts in (True, False):
        def handler(*_):
            got.append("signal")
            if restarts:
                a.send(b"late")
            else:
                raise InterruptedError
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            got.append(b.recv(9))
        except InterruptedError:
            got.append("interrupted")
    server = listener()
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        server.accept()
    except InterruptedError:
        got.append("accept interrupted")
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    return got


@check
def a_send_has_its_time_limit():
    a, b = pair()
    a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 300_000))
    begun = time.monotonic()
    try:
        while True:
            a.send(bytes(1 << 16))
    except BlockingIOError:
        return time.monotonic() - begun >= 0.3


@check
def duplicates_and_ranges():
    a, b = pair()
    number = os.dup2(a.fileno(), 400, inheritable=False)
    third = fcntl.fcntl(a, fcntl.F_DUPFD_CLOEXEC, 500)
    os.write(number, b"one")
    os.write(third, b"two")
    a.close()
    got = [b.recv(6, socket.MSG_WAITALL)]
    os.closerange(400, 401)
    got.append(outcome(b.recv, 1, socket.MSG_DONTWAIT))
    os.closerange(499, 600)
    return got + [b.recv(1)]


@check
def sockets_of_another_process_are_taken():
    a, b = pair()
    child = os.fork()
    if child == 0:
        a.close()
        signal.pause()
    numbers = b.fileno()
    b.close()
    pidfd = os.pidfd_open(child)
    number = libc.syscall(438, pidfd, numbers, 0)
    taken = socket.socket(fileno=number)
    a.send(b"taken")
    got = taken.recv(9), taken.getsockname() == a.getpeername()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return got


@check
def a_spawned_program_has_its_socket():
    a, b = pair()
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "read line; echo got $line"], {}, file_actions=[
        (os.POSIX_SPAWN_DUP2, b.fileno(), 0), (os.POSIX_SPAWN_DUP2, b.fileno(), 1)])
    b.close()
    a.send(b"word\n")
    answer = a.makefile().readline()
    return answer, os.waitpid(pid, 0)[1], a.recv(1)


@check
def threads_share_a_socket():
    a, b = pair()
    got = []
    threads = [threading.Thread(target=lambda: got.append(b.recv(1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for i in range(8):
        a.send(b"%d" % i)
    for thread in threads:
        thread.join(5)
    return sorted(got)


@check
def unread_bytes_are_counted_where_they_are():
    a, b = pair()
    for _ in range(5):
        a.send(bytes(10_000))
    limit = time.monotonic() + 2
    answer = array.array("i", [0])
    while answer[0] < 50_000 and time.monotonic() < limit:
        fcntl.ioctl(b, termios.FIONREAD, answer)
    got = answer[0]
    b.recv(1000)
    fcntl.ioctl(b, termios.FIONREAD, answer)
    return got, answer[0], len(b.recv(1 << 20, socket.MSG_PEEK | socket.MSG_TRUNC)) > 0


@check
def bytes_of_a_stream_are_discarded_unread():
    a, b = pair()
    a.send(b"abcdef")
    settled(b, ["POLLIN", "POLLOUT"])
    number = libc.recv(b.fileno(), None, 4, socket.MSG_TRUNC)
    return number, b.recv(9), outcome(b.recv, 9, socket.MSG_TRUNC | socket.MSG_DONTWAIT)


@check
def a_connection_that_was_accepted_waits_no_longer():
    server = listener()
    poll = select.epoll()
    poll.register(server, select.EPOLLIN)
    got = []
    for _ in range(20):
        client = socket.create_connection(server.getsockname())
        before = len(poll.poll(2))
        server.accept()[0].close()
        got.append((before, len(poll.poll(0))))
        client.close()
    return set(got)


@check
def control_messages_of_a_stream():
    a, b = pair()
    b.setsockopt(socket.IPPROTO_TCP, 36, 1)  # TCP_INQ
    b.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
    time.sleep(0.1)  # the host's kernel begins a little later
    a.send(b"abcdef")
    settled(b, ["POLLIN", "POLLOUT"])
    data, messages, flags, _ = b.recvmsg(4, 256)
    told = [(level, kind, len(value)) for level, kind, value in messages]
    left = [struct.unpack("i", value)[0] for _, kind, value in messages if kind == 36]
    recent = [abs(struct.unpack("qq", value)[0] - time.time()) < 5 for _, kind, value in messages if kind == 35]
    late = threading.Timer(0.1, a.send, (b"later",))
    late.start()
    return data, told, left, recent, flags, b.recvmsg(4)[0], b.recvmsg(9, 256)[0]


@check
def sends_without_a_copy_are_told_of():
    a, b = pair()
    zerocopy, errqueue = 0x4000000, 0x2000
    got = [outcome(a.recvmsg, 9, 256, errqueue), outcome(a.send, b"xy", zerocopy)]
    a.setsockopt(socket.SOL_SOCKET, 60, 1)  # SO_ZEROCOPY
    got += [a.send(b"abc", zerocopy), a.sendmsg([b"d"], [], zerocopy)]
    limit = time.monotonic() + 2
    last = -1
    while last < 1 and time.monotonic() < limit:
        answer = outcome(a.recvmsg, 9, 256, errqueue)
        if answer != "EAGAIN":
            level, kind, value = answer[1][0]
            last = struct.unpack_from("IBBBBII", value)[6]
    return got, last, level, kind, struct.unpack_from("IBBBB", value), len(value)


@check
def a_send_connects():
    server = listener()
    sock = socket.socket()
    fastopen = 0x20000000
    sent = outcome(sock.sendto, b"first", fastopen, server.getsockname())
    peer, _ = server.accept()
    return sent, peer.recv(9), sock.getpeername() == server.getsockname(), outcome(sock.sendto, b"x", fastopen, server.getsockname()), outcome(
        socket.socket().sendto, b"x", fastopen, (HOST, closed_port()))


@check
def sockets_go_to_another_program_by_a_unix_socket():
    ours, theirs = socket.socketpair()
    a, b = pair()
    datagrams = udp()
    child = os.fork()
    if child == 0:
        a.close(), b.close(), datagrams.close()
        _, fds, _, _ = socket.recv_fds(theirs, 9, 4)
        stream, datagram = (socket.socket(fileno=fd) for fd in fds)
        stream.sendall(b"from the child")
        data, sender = datagram.recvfrom(9)
        datagram.sendto(data.upper(), sender)
        os._exit(0)
    socket.send_fds(ours, [b"x"], [b.fileno(), datagrams.fileno()])
    b.close()
    other = udp()
    other.sendto(b"hello", datagrams.getsockname())
    datagrams.close()
    return a.recv(99), other.recv(9), os.waitpid(child, 0)[1], a.recv(9)


signal.signal(signal.SIGPIPE, signal.SIG_IGN)
main()
