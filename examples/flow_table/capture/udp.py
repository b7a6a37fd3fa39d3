"""UDP as name servers and video calls use it.

usage: udp.py serve                 answers every datagram on port 53, IPv4 and IPv6
       udp.py ask SERVER COUNT      one query from each of COUNT ports, like a resolver
       udp.py large SERVER          one datagram that must be fragmented
       udp.py options SERVER        datagrams behind IPv6 extension headers
"""
import socket
import struct
import sys

IPV6_HOPOPTS, IPV6_DSTOPTS = 54, 59
QUERY = struct.pack(">HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + b"\x07example\x03org\0\0\x01\0\x01"


def connect(server):
    family, kind, _, _, address = socket.getaddrinfo(server, 53, type=socket.SOCK_DGRAM)[0]
    client = socket.socket(family, kind)
    client.settimeout(2)
    client.connect(address)
    return client


command, *args = sys.argv[1:]
if command == "serve":
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", 53))
    while True:
        query, client = server.recvfrom(65536)
        server.sendto(query[:2] + b"\x81\x80" + query[4:] + bytes(16), client)
elif command == "ask":
    for _ in range(int(args[1])):
        client = connect(args[0])
        client.send(QUERY)
        client.recv(65536)
elif command == "large":
    client = connect(args[0])
    client.send(QUERY + bytes(4000))
    client.recv(65536)
elif command == "options":
    client = connect(args[0])
    # Padding: six bytes that fill the header to a multiple of eight.
    for option in (IPV6_HOPOPTS, IPV6_DSTOPTS):
        client.setsockopt(socket.IPPROTO_IPV6, option, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
        client.send(QUERY)
        client.recv(65536)
