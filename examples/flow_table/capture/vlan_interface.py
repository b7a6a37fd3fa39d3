"""A VLAN interface for kernels without the 8021q module: a tap device whose frames travel on a
parent interface behind VLAN tags.

usage: vlan_interface.py PARENT NAME TPID:ID...      (hexadecimal TPID, outermost tag first)
"""
import fcntl
import os
import select
import socket
import struct
import sys

SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING, ETH_P_ALL = 263, 8, 4, 3
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000
VLAN_VALID = 1 << 4

parent, name, *tags = sys.argv[1:]
tags = b"".join(
    struct.pack(">HH", int(tpid, 16), int(number))
    for tpid, number in (tag.split(":") for tag in tags)
)

tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
wire.bind((parent, 0))
wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)



def forward(send, frame):
    """Sends a frame; like any interface, drops it while the other side is down."""
    try:
        send(frame)
    except OSError:
        pass


while True:
    ready, _, _ = select.select([tap, wire], [], [])
    if tap in ready:
        frame = os.read(tap, 65536)
        forward(wire.send, frame[:12] + tags + frame[12:])
    if wire in ready:
        frame, notes, _, address = wire.recvmsg(65536, 256)
        if address[2] == PACKET_OUTGOING:
            continue
        # The kernel has moved the outermost tag of a received frame aside.
        for _, _, note in notes:
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", note)
            if status & VLAN_VALID:
                frame = frame[:12] + struct.pack(">HH", tpid, tci) + frame[12:]
        if frame[12:].startswith(tags):
            forward(lambda data: os.write(tap, data), frame[:12] + frame[12 + len(tags):])
