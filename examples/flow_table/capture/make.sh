#!/bin/bash
# Makes default.pcap: real programs talk between two network namespaces of this machine, over a
# cable (a veth pair) that carries untagged, 802.1Q and 802.1ad frames. Every address is one that
# is reserved for documentation; nothing leaves the machine.
#
# Needs root, and ip, tcpdump, curl, nc (OpenBSD's), ping and python3.
# usage: capture/make.sh OUT.pcap
set -euo pipefail
out=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
client=flow_client
server=flow_server

cleanup() {
    for ns in $client $server; do
        ip netns pids $ns | xargs -r kill
        ip netns del $ns
    done 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap cleanup EXIT

in_client() { ip netns exec $client "$@"; }
in_server() { ip netns exec $server "$@"; }

# The cable. 192.0.2.0/24 and 2001:db8::/64 are untagged, 198.51.100.0/24 and 2001:db8:1::/64 are
# VLAN 10, 203.0.113.0/24 and 2001:db8:2::/64 are VLAN 7 inside of provider VLAN 100.
ip netns add $client
ip netns add $server
ip link add wire netns $client type veth peer name wire netns $server
host=1
for ns in $client $server; do
    ip -n $ns link set lo up
    ip -n $ns link set wire up
    ip netns exec $ns python3 "$here/vlan_interface.py" wire vlan 8100:10 &
    ip netns exec $ns python3 "$here/vlan_interface.py" wire stacked 88a8:100 8100:7 &
    until ip -n $ns link show stacked && ip -n $ns link show vlan; do sleep 0.1; done >/dev/null 2>&1
    ip -n $ns link set vlan mtu 1400 up
    ip -n $ns link set stacked mtu 1400 up
    ip -n $ns address add 192.0.2.$host/24 dev wire
    ip -n $ns address add 2001:db8::$host/64 dev wire nodad
    ip -n $ns address add 198.51.100.$host/24 dev vlan
    ip -n $ns address add 2001:db8:1::$host/64 dev vlan nodad
    ip -n $ns address add 203.0.113.$host/24 dev stacked
    ip -n $ns address add 2001:db8:2::$host/64 dev stacked nodad
    host=2
done

# The server's programs.
echo "hello" > "$work/index.html"
head -c 50000 /dev/zero > "$work/large.bin"
in_server python3 -m http.server --directory "$work" --bind :: 80 >/dev/null 2>&1 &
in_server python3 "$here/udp.py" serve &
in_server nc -lk 7777 >/dev/null &
in_server nc -lk -6 7777 >/dev/null &
until in_client curl -s -o /dev/null http://192.0.2.2/; do sleep 0.2; done
sleep 2

# Only the first 192 bytes of each frame are kept: its length on the wire is in the record.
ip netns exec $client tcpdump -Z root -i wire -s 192 -U -w "$out" 2>/dev/null &
tcpdump=$!
sleep 1

for name in 192.0.2.2 198.51.100.2 203.0.113.2 2001:db8::2 2001:db8:1::2 2001:db8:2::2; do
    case $name in *:*) url="http://[$name]" ;; *) url="http://$name" ;; esac
    in_client curl -s -o /dev/null "$url/"
    in_client curl -s -o /dev/null "$url/large.bin"
    in_client curl -s -o /dev/null "$url/missing"
    in_client python3 "$here/udp.py" ask $name 3
    in_client python3 "$here/udp.py" large $name
    echo "a line from $name" | in_client nc -N $name 7777
    in_client ping -q -c 2 $name >/dev/null
    in_client ping -q -c 1 -s 3000 $name >/dev/null
done
for name in 2001:db8::2 2001:db8:1::2 2001:db8:2::2; do
    in_client python3 "$here/udp.py" options $name
done

sleep 1
kill -INT $tcpdump
wait $tcpdump || true
