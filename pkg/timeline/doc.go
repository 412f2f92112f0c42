// Package timeline writes what happened in a session as lines of JSON: a header, then every edit
// and every event of the trace, in the order of time.
//
// Edits are read from the store in parts, so the memory that a timeline takes does not depend on
// its length. docs/decisions/078.
package timeline
