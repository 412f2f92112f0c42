// Verifies what comes on stdin, {secret, headers, body}, with the reference library of Standard Webhooks. Prints the event's
// type; a signature that does not hold ends it with 1.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../ui/package.json', import.meta.url));
const { Webhook } = require('standardwebhooks');

const { secret, headers, body } = JSON.parse(readFileSync(0, 'utf8'));
console.log(new Webhook(secret).verify(body, headers).type);
