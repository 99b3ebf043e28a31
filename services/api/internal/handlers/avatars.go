package handlers

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/avatar"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

const (
	// A picture's URL names its version, so it never changes.
	cacheForever = "public, max-age=31536000, immutable"
	// Initials make way for a picture as soon as there is one.
	cacheShortly = "public, max-age=60"
)

// GetAvatar serves the cached picture, else the initials.
func (h *Handlers) GetAvatar(ctx context.Context, r apiserver.GetAvatarRequestObject) (apiserver.GetAvatarResponseObject, error) {
	picture, err := h.Store.GetAvatar(ctx, r.Source, r.AuthorID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	caching, kind, content := cacheShortly, picture.ContentType, picture.Image
	etag := `"p` + decimal(picture.Version) + `"`
	if err != nil {
		kind, content = "image/svg+xml", avatar.SVG(h.initials(ctx, r), r.AuthorID)
		sum := fnv.New64a()
		_, _ = sum.Write(content)
		etag = `"i` + strconv.FormatUint(sum.Sum64(), 36) + `"`
	} else if value(r.Params.V) == decimal(picture.Version) {
		caching = cacheForever
	}
	if matches(value(r.Params.IfNoneMatch), etag) {
		return apiserver.GetAvatar304Response{Headers: apiserver.GetAvatar304ResponseHeaders{ETag: etag}}, nil
	}
	return apiserver.GetAvatar200ImageResponse{
		Body: bytes.NewReader(content), ContentType: kind, ContentLength: int64(len(content)),
		Headers: apiserver.GetAvatar200ResponseHeaders{CacheControl: caching, ETag: etag},
	}, nil
}

// matches reads If-None-Match: a list of tags, or "*". Proxies that compress make
// tags weak; for a picture that is the same (RFC 9110, 13.1.2).
func matches(header, etag string) bool {
	for given := range strings.SplitSeq(header, ",") {
		given = strings.TrimSpace(given)
		if given == "*" || strings.TrimPrefix(given, "W/") == etag {
			return true
		}
	}
	return false
}

// initials are those of the URL, else of the author's stored name.
func (h *Handlers) initials(ctx context.Context, r apiserver.GetAvatarRequestObject) string {
	if given := value(r.Params.Initials); given != "" {
		return given
	}
	state, err := h.Store.AvatarState(ctx, r.Source, r.AuthorID)
	if err != nil {
		return avatar.Initials("")
	}
	return avatar.Initials(state.Name)
}
