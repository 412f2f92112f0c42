// Package webhook tells another service what happens, by POSTs that are signed as Standard Webhooks has it
// (https://www.standardwebhooks.com, specification 1.0): headers webhook-id, webhook-timestamp and webhook-signature.
//
// Sending never holds anybody up: events wait in a bounded queue, are tried several times with growing pauses, and may come
// twice or out of order. Receivers tell repeats by webhook-id.
package webhook
