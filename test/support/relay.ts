import { createServer, connect, type Server, type Socket } from 'node:net';

/** A server of TCP in between that can go down and come back on the same port, as a network does. */
export interface Relay {
  readonly port: number;
  /** Ends all connections and takes no new ones. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    return socket;
  };
  const make = (): Server =>
    createServer((client) => {
      const target = track(connect(targetPort, '127.0.0.1'));
      track(client).pipe(target).pipe(client);
      client.on('close', () => target.destroy());
      target.on('close', () => client.destroy());
    });
  const listen = (server: Server, port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  let server: Server | null = make();
  await listen(server, 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const down = async (): Promise<void> => {
    const ending = server;
    server = null;
    for (const socket of sockets) socket.destroy();
    if (ending !== null) await new Promise((resolve) => ending.close(resolve));
  };
  return {
    port,
    down,
    async up() {
      if (server !== null) return;
      server = make();
      await listen(server, port);
    },
    close: down,
  };
}
