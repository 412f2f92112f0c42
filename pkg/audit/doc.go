// Package audit records the events of a session: who did what, when, and from which address.
//
// A Recorder accepts events without blocking the caller. It logs each event at once and stores
// events in the background, in the order of their arrival. The number of stored events is limited
// for each kind. A frequent kind, such as entering and leaving, therefore cannot displace an
// important one, such as a change of role. The events are deleted with their session.
package audit
