// Package webhook sends events to another service by HTTP POST. Requests are signed as defined by
// Standard Webhooks (https://www.standardwebhooks.com, specification 1.0), with the headers
// webhook-id, webhook-timestamp and webhook-signature.
//
// With FormatSlack an event is one line for a chat instead.
//
// Sending never blocks the caller. Events wait in a bounded queue and are tried several times with
// growing pauses. An event may arrive twice or out of order. Receivers recognise a repeated event
// by its webhook-id.
package webhook
