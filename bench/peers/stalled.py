# Clients that read nothing, for bench/live.ts, because Node cannot set the sizes of buffers and segments. Arguments: port,
# path, number of clients. Prints "open" when all have sent their requests, and waits for the end of its input.
import socket
import sys

port, path, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sockets = []
for index in range(count):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    # The sender's buffer holds 20 segments, which are 64 KB each on the loopback interface.
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    # A client address may have 20 streams.
    client.bind((f"127.2.{index // 5000}.{1 + index // 20 % 250}", 0))
    client.connect(("127.0.0.1", port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    sockets.append(client)
print("open", flush=True)
sys.stdin.read()
