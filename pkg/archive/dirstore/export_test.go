package dirstore

// Named gives errors of the system the names of package archive.
var Named = named
