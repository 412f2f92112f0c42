// Package archive keeps interviews that have ended, one bundle each, at a place that outlives the
// store: a directory, or a bucket of an S3-compatible service.
//
//	<yyyy>/<mm>/<id>.zip         the bundle, as package export writes it
//	<yyyy>/<mm>/<id>.json        the sidecar: what lists show, and the SHA-256 of the bundle
//	<yyyy>/<mm>/<id>.added.json  what people wrote since the store has forgotten the interview
//	gone/<id>.json               the tombstone of a deleted interview, for seven days
//
// There is no database. The listing is the index: Archive keeps the sidecars in memory and reads
// those that are new or have changed.
//
// A bundle is written before its sidecar. A deletion writes the tombstone first, then removes the
// sidecar, then the bundle. So a crash between two steps never leaves an interview that is listed
// and cannot be opened, and never brings a deleted interview back.
//
// Files:
//
//	objects.go  Objects: the small interface of the place, and its errors
//	place.go    what --archive may say
//	sidecar.go  Sidecar and Tombstone
//	index.go    the sidecars in memory, and the search
//	archive.go  Archive: put, find, open, change, delete
//	added.go    what is added to an interview that no store has any more
//	writer.go   Writer: writes the interviews of a store that have ended
//	sweep.go    what is over its time, and what a crash left behind
//
// dirstore and s3store are the places. objecttest is the suite that both pass.
package archive
