package archive

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Place is where an archive is kept. One of Dir and Bucket is set, or neither for no archive.
type Place struct {
	Dir string

	Bucket    string
	Prefix    string // without slashes at its ends
	Endpoint  string // host or host:port; "": Amazon's
	Region    string // "": the service says
	PathStyle bool   // the bucket stands in the path and not in the host
	Insecure  bool   // plain HTTP
}

// On reports whether there is an archive.
func (p Place) On() bool { return p.Dir != "" || p.Bucket != "" }

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	regionName = regexp.MustCompile(`^[a-zA-Z0-9-]{1,64}$`)
	hostName   = regexp.MustCompile(`^(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?)(:[0-9]{1,5})?$`)
)

const placeForms = "use off, dir:PATH or s3://bucket/prefix?endpoint=host&region=name"

// ParsePlace reads a place: off, dir:PATH, or an s3:// address.
func ParsePlace(s string) (Place, error) {
	if s == "off" {
		return Place{}, nil
	}
	if dir, ok := strings.CutPrefix(s, "dir:"); ok {
		if dir == "" || strings.ContainsRune(dir, 0) {
			return Place{}, errors.New("name a directory after dir:, such as dir:/var/lib/parley/archive")
		}
		return Place{Dir: dir}, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "s3" || u.Opaque != "" {
		return Place{}, errors.New(placeForms)
	}
	switch {
	case u.User != nil:
		return Place{}, errors.New("give the keys by PARLEY_ARCHIVE_KEY and PARLEY_ARCHIVE_SECRET, not in the address")
	case u.Fragment != "":
		return Place{}, errors.New("an address has no #; " + placeForms)
	case !bucketName.MatchString(u.Host) || strings.Contains(u.Host, ".."):
		return Place{}, errors.New("name a bucket of 3 to 63 lower-case letters, digits, dots and hyphens: s3://bucket")
	}
	p := Place{Bucket: u.Host, Prefix: strings.Trim(u.Path, "/")}
	if p.Prefix != "" && (!CheckKey(p.Prefix) || len(p.Prefix) > maxPrefix) {
		return Place{}, fmt.Errorf("the prefix must be a path of letters, digits, dots, hyphens and underscores, at most %d long", maxPrefix)
	}
	return p, p.options(u.RawQuery)
}

const maxPrefix = 256

// options reads what stands behind the ? of an address.
func (p *Place) options(raw string) error {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return errors.New(placeForms)
	}
	for name, values := range query {
		value := values[len(values)-1]
		switch name {
		case "endpoint":
			err = p.setEndpoint(value)
		case "region":
			if p.Region = value; !regionName.MatchString(value) {
				err = errors.New("region must be a name such as eu-central-1")
			}
		case "path_style":
			p.PathStyle, err = yes(name, value)
		case "insecure":
			p.Insecure, err = yes(name, value)
		default:
			err = fmt.Errorf("there is no option %s: use endpoint, region, path_style or insecure", strconv.Quote(name))
		}
		if err != nil {
			return err
		}
	}
	if p.Insecure && p.Endpoint == "" {
		return errors.New("insecure=1 needs an endpoint: Amazon's is reached by HTTPS alone")
	}
	return nil
}

func (p *Place) setEndpoint(s string) error {
	if strings.Contains(s, "://") {
		return errors.New("endpoint is host or host:port without https://; plain HTTP needs insecure=1")
	}
	if !hostName.MatchString(s) {
		return errors.New("endpoint must be host or host:port, such as minio.example:9000")
	}
	p.Endpoint = s
	return nil
}

func yes(name, value string) (bool, error) {
	switch value {
	case "1", "true":
		return true, nil
	case "0", "false":
		return false, nil
	}
	return false, fmt.Errorf("%s must be 1 or 0", name)
}

// String returns the place in the form that ParsePlace reads. It holds no secret.
func (p Place) String() string {
	switch {
	case p.Dir != "":
		return "dir:" + p.Dir
	case p.Bucket == "":
		return "off"
	}
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("endpoint", p.Endpoint)
	set("region", p.Region)
	for name, on := range map[string]bool{"path_style": p.PathStyle, "insecure": p.Insecure} {
		if on {
			q.Set(name, "1")
		}
	}
	u := url.URL{Scheme: "s3", Host: p.Bucket, RawQuery: q.Encode()}
	if p.Prefix != "" {
		u.Path = "/" + p.Prefix
	}
	return u.String()
}
