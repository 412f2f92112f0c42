// Package s3store keeps the objects of an archive in a bucket of an S3-compatible service.
//
// An object of up to 16 MiB goes up in one request, a larger one in parts that become an object
// with the last request. So nobody ever sees half an object, and no more than two parts of one are
// in memory.
package s3store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"parley/pkg/archive"
)

const (
	amazon   = "s3.amazonaws.com"
	partSize = 16 << 20
	// attempts is how often a request is sent when the service does not answer or is busy.
	attempts      = 3
	dialTimeout   = 5 * time.Second
	answerTimeout = 30 * time.Second // until the first byte of an answer
)

// Keys are the access key of a bucket.
type Keys struct {
	Access string
	Secret string
}

// Store implements archive.Objects in a bucket.
type Store struct {
	client *minio.Client
	place  archive.Place
	prefix string // "" or with a slash at its end
}

// Open returns a Store for a place with a bucket. It sends nothing.
func Open(place archive.Place, keys Keys) (*Store, error) {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: answerTimeout, IdleConnTimeout: time.Minute,
		MaxIdleConnsPerHost: 16, ForceAttemptHTTP2: true, DisableCompression: true,
	}
	lookup := minio.BucketLookupAuto
	if place.PathStyle {
		lookup = minio.BucketLookupPath
	}
	endpoint := place.Endpoint
	if endpoint == "" {
		endpoint = amazon
	}
	client, err := minio.New(endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(keys.Access, keys.Secret, ""), Secure: !place.Insecure, Region: place.Region,
		Transport: transport, BucketLookup: lookup, MaxRetries: attempts,
	})
	if err != nil {
		return nil, fmt.Errorf("archive %s: %w", place, err)
	}
	s := &Store{client: client, place: place}
	if place.Prefix != "" {
		s.prefix = place.Prefix + "/"
	}
	return s, nil
}

// String implements archive.Objects.
func (s *Store) String() string { return s.place.String() }

// Put implements archive.Objects.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) error {
	if !archive.CheckKey(key) {
		return fmt.Errorf("put: bad key %q", key)
	}
	var first bytes.Buffer
	n, err := io.CopyN(&first, r, partSize)
	if err != nil && err != io.EOF {
		return err
	}
	options := minio.PutObjectOptions{ContentType: contentType(key), PartSize: partSize, NumThreads: 1}
	if err == io.EOF { // bytes.Reader can be read again, so that the request can be sent again
		_, err = s.client.PutObject(ctx, s.place.Bucket, s.prefix+key, bytes.NewReader(first.Bytes()), n, options)
	} else {
		_, err = s.client.PutObject(ctx, s.place.Bucket, s.prefix+key, io.MultiReader(&first, r), -1, options)
	}
	return named(err)
}

func contentType(key string) string {
	if strings.HasSuffix(key, ".json") {
		return "application/json"
	}
	return "application/zip"
}

// Get implements archive.Objects.
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	if !archive.CheckKey(key) {
		return nil, archive.ErrNoObject
	}
	core := minio.Core{Client: s.client}
	body, info, _, err := core.GetObject(ctx, s.place.Bucket, s.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, named(err)
	}
	return &whole{ReadCloser: body, left: info.Size}, nil
}

// whole reads a body that has a known size, and fails when it ends earlier.
type whole struct {
	io.ReadCloser
	left int64
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	w.left -= int64(n)
	if err == io.EOF && w.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Remove implements archive.Objects.
func (s *Store) Remove(ctx context.Context, key string) error {
	if !archive.CheckKey(key) {
		return fmt.Errorf("remove: bad key %q", key)
	}
	err := named(s.client.RemoveObject(ctx, s.place.Bucket, s.prefix+key, minio.RemoveObjectOptions{}))
	if errors.Is(err, archive.ErrNoObject) {
		return nil
	}
	return err
}

// List implements archive.Objects.
func (s *Store) List(ctx context.Context, prefix string, each func(archive.Object) error) error {
	ctx, cancel := context.WithCancel(ctx) // ends the listing when each fails
	defer cancel()
	for o := range s.client.ListObjectsIter(ctx, s.place.Bucket, minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}) {
		if o.Err != nil {
			return named(o.Err)
		}
		key, ok := strings.CutPrefix(o.Key, s.prefix)
		if !ok || !archive.CheckKey(key) {
			continue
		}
		if err := each(archive.Object{Key: key, Size: o.Size, Modified: o.LastModified, Tag: o.ETag + "-" + o.LastModified.Format(time.RFC3339Nano)}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Locked reports whether the bucket has Object Lock, so that what is deleted stays for a while. A
// service that does not know the question has none.
func (s *Store) Locked(ctx context.Context) (bool, error) {
	enabled, _, _, _, err := s.client.GetObjectLockConfig(ctx, s.place.Bucket)
	if err != nil {
		switch err = named(err); {
		case errors.Is(err, errNoLock):
			return false, nil
		default:
			return false, err
		}
	}
	return enabled == "Enabled", nil
}

// errNoLock means that a bucket has no Object Lock.
var errNoLock = errors.New("no object lock")

// named gives errors of the service the names of package archive, and says what to do.
func named(err error) error {
	if err == nil {
		return nil
	}
	answer := minio.ToErrorResponse(err)
	name, advice := error(nil), ""
	switch answer.Code {
	case minio.NoSuchKey:
		name = archive.ErrNoObject
	case "ObjectLockConfigurationNotFoundError", "NotImplemented", "MethodNotAllowed":
		name = errNoLock
	case "RequestTimeTooSkewed":
		advice = "the clock of this machine differs from that of the service: run an NTP client"
	case "InvalidAccessKeyId", "XAdminUserNotFound", "SignatureDoesNotMatch":
		name, advice = archive.ErrDenied, "check PARLEY_ARCHIVE_KEY and PARLEY_ARCHIVE_SECRET"
	case minio.AccessDenied:
		if name = archive.ErrDenied; strings.Contains(strings.ToLower(answer.Message), "lock") || strings.Contains(strings.ToLower(answer.Message), "worm") {
			name = archive.ErrLocked
		}
	case "ObjectLocked", "InvalidRetentionPeriod":
		name = archive.ErrLocked
	case "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge", "InsufficientStorage", "StorageFull":
		name = archive.ErrNoSpace
	case minio.NoSuchBucket:
		advice = "create the bucket first"
	}
	switch {
	case name != nil || advice != "":
	case answer.StatusCode == http.StatusInsufficientStorage:
		name = archive.ErrNoSpace
	case answer.StatusCode == http.StatusForbidden: // services have names of their own for unknown keys
		name, advice = archive.ErrDenied, "check PARLEY_ARCHIVE_KEY and PARLEY_ARCHIVE_SECRET"
	}
	switch {
	case name != nil && advice != "":
		return fmt.Errorf("%w: %s: %w", name, advice, err)
	case name != nil:
		return fmt.Errorf("%w: %w", name, err)
	case advice != "":
		return fmt.Errorf("%s: %w", advice, err)
	}
	return err
}
