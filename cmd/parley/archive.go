package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"parley/api"
	"parley/pkg/archive"
	"parley/pkg/archive/dirstore"
	"parley/pkg/archive/s3store"
	"parley/pkg/audit"
	"parley/pkg/session"
	"parley/pkg/store/redisstore"
	"parley/pkg/telemetry"
)

const (
	archiveDir = "archive" // in the data directory
	// archiveLease is how long a node that died keeps others from archiving what it had begun.
	archiveLease = 20 * time.Second
	lockTime     = 10 * time.Second // to ask a bucket about Object Lock at the start
	waitingPage  = 500
	// waitingFor is how long the answer of one node serves all.
	waitingFor = 20 * time.Second
)

// archivePlace is the value of --archive.
type archivePlace struct {
	archive.Place
	auto bool
}

func archiveSetting(s string) (archivePlace, error) {
	if s == "auto" {
		return archivePlace{auto: true}, nil
	}
	p, err := archive.ParsePlace(s)
	return archivePlace{Place: p}, err
}

// retention reads a number of days, such as 30d, or a duration. 0 is for ever.
func retention(s string) (time.Duration, error) {
	if s == "0" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > session.MaxRetentionDays {
			return 0, fmt.Errorf("use 1d to %dd, or 0 for ever", session.MaxRetentionDays)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := durationWithin(time.Hour, session.MaxRetentionDays*24*time.Hour)(s)
	if err != nil {
		return 0, errors.New("use a number of days such as 30d, a duration from 1h, or 0 for ever")
	}
	return d, nil
}

// archivePlace returns the place of the archive.
func (c config) archivePlace() archive.Place {
	if c.archive.auto && c.store != "redis" {
		return archive.Place{Dir: filepath.Join(c.dataDir, archiveDir)}
	}
	return c.archive.Place
}

// checkArchive finds conflicts between the settings of the archive.
func (c config) checkArchive() error {
	bucket := c.archive.Bucket != ""
	switch {
	case bucket && (c.archiveKeys.Access == "" || c.archiveKeys.Secret == ""):
		return errors.New("--archive s3://… needs PARLEY_ARCHIVE_KEY and PARLEY_ARCHIVE_SECRET, or files that PARLEY_ARCHIVE_KEY_FILE and PARLEY_ARCHIVE_SECRET_FILE name")
	case !bucket && (c.archiveKeys.Access != "" || c.archiveKeys.Secret != ""):
		return errors.New("PARLEY_ARCHIVE_KEY and PARLEY_ARCHIVE_SECRET need --archive s3://…")
	case !c.archivePlace().On() && c.chosen("archive-retention"):
		return errors.New("--archive-retention needs --archive")
	}
	return nil
}

// openObjects opens the place of the archive.
func (c config) openObjects() (archive.Objects, error) {
	place := c.archivePlace()
	if place.Dir != "" {
		dir, err := dirstore.Open(place.Dir)
		if err != nil {
			return nil, notOurs(err, place.Dir)
		}
		return dir, nil
	}
	return s3store.Open(place, c.archiveKeys)
}

// openArchive opens the archive, if there is one.
func (n *node) openArchive(sessions *session.Service, metrics *telemetry.Metrics) error {
	if !n.cfg.archivePlace().On() {
		return nil
	}
	objects, err := n.cfg.openObjects()
	if err != nil {
		return err
	}
	if bucket, ok := objects.(*s3store.Store); ok {
		n.warnOfLock(bucket)
	}
	n.archive = archive.New(objects, archive.Options{Retention: n.cfg.archiveRetention, Now: time.Now, Logger: n.log})
	sessions.Avoid(func(id session.ID) bool { return n.archive.Known(string(id)) })
	options := archive.WriterOptions{
		Archive: n.archive, Sessions: sessions, Waiting: n.waiting, LeaseTime: archiveLease, Logger: n.log,
		Bundle: func(ctx context.Context, sess session.Session) (archive.Bundle, error) {
			return n.api.Bundle(ctx, sess)
		},
		Deleted: n.toldDeleted,
	}
	if n.redis != nil {
		options.Leases = n.redis
	}
	n.archiver = archive.NewWriter(options)
	metrics.WatchArchive(func() telemetry.ArchiveFigures { return telemetry.ArchiveFigures(n.archiver.Figures()) })
	return nil
}

// warnOfLock says at the start what Object Lock means. A bucket that cannot be reached may be away
// for a moment, so the node starts all the same.
func (n *node) warnOfLock(bucket *s3store.Store) {
	ctx, cancel := context.WithTimeout(context.Background(), lockTime)
	defer cancel()
	locked, err := bucket.Locked(ctx)
	switch {
	case err != nil:
		n.log.Warn("the archive cannot be reached: interviews stay in the store until it can", "archive", bucket.String(), "err", err)
	case locked:
		n.log.Warn("the archive's bucket has Object Lock: it keeps what Parley deletes until its own time is over", "archive", bucket.String())
	}
}

// toldDeleted notes that an interview was over its time.
func (n *node) toldDeleted(side archive.Sidecar) {
	n.audit.Note(audit.Event{Session: side.ID, Kind: audit.Deleted, Detail: archive.WhyRetention})
	n.webhooks.Send(api.EventDeleted, api.NewDeletedEvent(side.ID, "", archive.WhyRetention, time.Now().UTC()))
}

// waitingList is what one node finds for all.
type waitingList struct {
	IDs   []session.ID `json:"ids"`
	Since time.Time    `json:"since"`
}

// waiting returns the sessions that await the archive. With several nodes, one node looks for all.
func (n *node) waiting(ctx context.Context) ([]session.ID, time.Time, error) {
	if n.redis == nil {
		list, err := sessionsAwaiting(ctx, n.store)
		return list.IDs, list.Since, err
	}
	raw, err := n.redis.Once(ctx, "archive", waitingFor, func(ctx context.Context) ([]byte, error) {
		list, err := sessionsAwaiting(ctx, n.store)
		if err != nil {
			return nil, err
		}
		return json.Marshal(list)
	})
	if errors.Is(err, redisstore.ErrBusy) {
		return nil, time.Time{}, nil // its result serves the next time
	}
	var list waitingList
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	return list.IDs, list.Since, err
}

// sessionsAwaiting reads all sessions of a store.
func sessionsAwaiting(ctx context.Context, store session.Lister) (list waitingList, err error) {
	var after session.ID
	for now := time.Now(); ; {
		page, err := store.List(ctx, after, waitingPage)
		if err != nil || len(page) == 0 {
			return list, err
		}
		for i := range page {
			s := &page[i]
			if after = s.ID; !s.AwaitsArchive(now) {
				continue
			}
			list.IDs = append(list.IDs, s.ID)
			if list.Since.IsZero() || s.UpdatedAt.Before(list.Since) {
				list.Since = s.UpdatedAt
			}
		}
	}
}

// probeKey is the object that doctor writes, reads and deletes.
const probeKey = "parley-doctor-probe"

// examineArchive writes, reads and deletes an object.
func (c config) examineArchive(f *findings) {
	if !c.archivePlace().On() {
		f.ok("archive", "off: an interview is deleted when its session expires")
		return
	}
	where := c.archivePlace().String()
	objects, err := c.openObjects()
	if err == nil {
		err = probe(objects)
	}
	switch {
	case err == nil:
		f.ok("archive", where+" can be written, read and deleted from")
	case errors.Is(err, archive.ErrLocked):
		f.warn("archive", where+" keeps what is deleted (Object Lock)", "interviews stay there until the lock of each ends; tell the people concerned")
		return
	default:
		f.fail("archive", fmt.Sprintf("%s: %v", where, err), "correct --archive or its keys; until then interviews stay in the store, for seven days beyond their expiry")
		return
	}
	if bucket, ok := objects.(*s3store.Store); ok {
		ctx, cancel := context.WithTimeout(context.Background(), doctorTime)
		defer cancel()
		if locked, err := bucket.Locked(ctx); err == nil && locked {
			f.warn("archive", "the bucket has Object Lock", "it keeps what Parley deletes until its own time is over; tell the people concerned")
		}
	}
}

// probe writes, reads and deletes an object.
func probe(objects archive.Objects) error {
	ctx, cancel := context.WithTimeout(context.Background(), doctorTime)
	defer cancel()
	const text = "Parley tries whether it can write here."
	if err := objects.Put(ctx, probeKey, strings.NewReader(text)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	r, err := objects.Get(ctx, probeKey)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != text {
		return fmt.Errorf("read: something else came back (%w)", err)
	}
	if err := objects.Remove(ctx, probeKey); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}
