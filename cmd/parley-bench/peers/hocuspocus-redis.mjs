// One node of Hocuspocus with its Redis extension, started as its documentation says.
// Documents live in the memory of the nodes.
import { Redis } from '@hocuspocus/extension-redis';
import { Server } from '@hocuspocus/server';

const { HOST, PORT, REDIS_HOST, REDIS_PORT } = process.env;
await new Server({
  port: Number(PORT),
  address: HOST,
  quiet: true,
  extensions: [new Redis({ host: REDIS_HOST, port: Number(REDIS_PORT) })],
}).listen();
