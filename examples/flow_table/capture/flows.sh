#!/bin/sh
# The independent truth for a capture, made by tshark: one row a directed flow,
#   protocol  source  port  destination  port  packets  bytes
# usage: capture/flows.sh X.pcap > X.flows.tsv
#
# Reassembly is off, so that of a fragmented datagram the first fragment counts (it has the ports)
# and the others do not. ICMP is left out because it quotes packets that did not travel here.
set -eu
tshark -n -r "$1" -o ip.defragment:FALSE -o ipv6.defragment:FALSE \
    -Y '(tcp || udp) && !icmp && !icmpv6' -T fields -E occurrence=f \
    -e ip.src -e ipv6.src -e ip.dst -e ipv6.dst \
    -e tcp.srcport -e udp.srcport -e tcp.dstport -e udp.dstport -e frame.len |
awk -F '\t' -v OFS='\t' '
    {
        protocol = $5 != "" ? "tcp" : "udp"
        flow = protocol OFS $1 $2 OFS $5 $6 OFS $3 $4 OFS $7 $8
        packets[flow]++
        bytes[flow] += $9
    }
    END { for (flow in packets) print flow, packets[flow], bytes[flow] }' |
LC_ALL=C sort
