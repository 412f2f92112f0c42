// Hocuspocus without extensions, started as its documentation says. Documents live in memory.
import { Server } from '@hocuspocus/server';

await new Server({ port: Number(process.env.PORT), address: process.env.HOST, quiet: true }).listen();
