// Verifies {secret, headers, body} from stdin with the reference library of Standard Webhooks.
// Prints the type of the event. Exits with 1 if the signature is wrong.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../ui/package.json', import.meta.url));
const { Webhook } = require('standardwebhooks');

const { secret, headers, body } = JSON.parse(readFileSync(0, 'utf8'));
console.log(new Webhook(secret).verify(body, headers).type);
