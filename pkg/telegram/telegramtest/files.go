package telegramtest

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// maxDownload is the biggest file that getFile gives a path for, in bytes.
	maxDownload = 20 << 20
	// pathLife is how long a file_path is valid at least.
	pathLife = time.Hour
)

// Photo is a picture in several sizes, smallest first.
type Photo struct {
	// UniqueID is the head of the file_unique_ids of the sizes; made from the
	// owner if empty.
	UniqueID string
	// Sizes are 160, 320 and 640 pixels square if empty.
	Sizes []PhotoSize
}

// PhotoSize is one file of a Photo.
type PhotoSize struct {
	// Width and Height are in pixels.
	Width, Height int
	// Data is the file; a plain JPEG of the given size if nil.
	Data []byte
	// FileSize is what the API says in bytes; len(Data) if 0. A value over
	// 20 MB makes getFile refuse the file.
	FileSize int
}

// file is a stored file; its file_id is its unique id and the bot's id.
type file struct {
	PhotoSize
	uniqueID string
}

type issuedPath struct {
	file  *file
	until time.Time
}

func (p Photo) clone(uniqueID string) Photo {
	p.UniqueID = cmp.Or(p.UniqueID, uniqueID)
	p.Sizes = slices.Clone(p.Sizes)
	if len(p.Sizes) == 0 {
		p.Sizes = []PhotoSize{{Width: 160, Height: 160}, {Width: 320, Height: 320}, {Width: 640, Height: 640}}
	}
	for i := range p.Sizes {
		size := &p.Sizes[i]
		if size.Data == nil {
			size.Data = picture(p.UniqueID, size.Width, size.Height)
		}
		size.FileSize = cmp.Or(size.FileSize, len(size.Data))
	}
	return p
}

// picture is a JPEG of one colour, which the seed decides.
func picture(seed string, width, height int) []byte {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(seed))
	sum := hash.Sum32()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	fill := color.RGBA{R: byte(sum), G: byte(sum >> 8), B: byte(sum >> 16), A: 0xFF}
	draw.Draw(img, img.Bounds(), image.NewUniform(fill), image.Point{}, draw.Src)
	var out bytes.Buffer
	_ = jpeg.Encode(&out, img, nil) // fails only for sides over 65535, where Data is wanted anyway
	return out.Bytes()
}

func (p Photo) uniqueID(i int) string { return p.UniqueID + "s" + strconv.Itoa(i) }

// addPhoto stores the files of a picture; s.mu must be held.
func (s *Server) addPhoto(p Photo) {
	for i, size := range p.Sizes {
		s.files[p.uniqueID(i)] = &file{PhotoSize: size, uniqueID: p.uniqueID(i)}
	}
}

// fileID is what the bot knows the file by: a file_id belongs to one bot.
func (b *bot) fileID(uniqueID string) string {
	return "AgACAgIAAxUAAW" + strconv.FormatInt(b.ID, 36) + "-" + uniqueID
}

func (b *bot) fileByID(s *Server, id string) *file {
	unique, ok := strings.CutPrefix(id, b.fileID(""))
	if !ok {
		return nil
	}
	return s.files[unique]
}

func (c *call) getUserProfilePhotos() (any, string, *apiError) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[c.params.int("user_id", 0)]
	if u == nil {
		return nil, "", badRequest("user not found")
	}
	from := min(max(c.params.int("offset", 0), 0), int64(len(u.Photos)))
	limit := min(max(c.params.int("limit", 100), 1), 100)
	to := min(from+limit, int64(len(u.Photos)))
	photos := [][]map[string]any{}
	for _, photo := range u.Photos[from:to] {
		sizes := []map[string]any{}
		for i, size := range photo.Sizes {
			sizes = append(sizes, map[string]any{
				"file_id": c.bot.fileID(photo.uniqueID(i)), "file_unique_id": photo.uniqueID(i),
				"width": size.Width, "height": size.Height, "file_size": size.FileSize,
			})
		}
		photos = append(photos, sizes)
	}
	return map[string]any{"total_count": len(u.Photos), "photos": photos}, "", nil
}

func (c *call) getFile() (any, string, *apiError) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	f := c.bot.fileByID(s, c.params["file_id"])
	if f == nil {
		return nil, "", badRequest("wrong file_id or the file is temporarily unavailable")
	}
	if f.FileSize > maxDownload {
		return nil, "", badRequest("file is too big")
	}
	result := map[string]any{"file_id": c.bot.fileID(f.uniqueID), "file_unique_id": f.uniqueID, "file_size": f.FileSize}
	if c.fault.Kind != FaultNoFilePath {
		s.nextPath++
		path := fmt.Sprintf("photos/file_%d.jpg", s.nextPath)
		s.paths[c.bot.Token+"/"+path] = issuedPath{file: f, until: s.clock.now().Add(pathLife)}
		result["file_path"] = path
	}
	return result, "", nil
}

// download answers GET /file/bot<token>/<path>.
func (c *call) download() answer {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	key := c.bot.Token + "/" + c.params["file_path"]
	if c.fault.Kind == FaultExpiredPath {
		delete(s.paths, key)
	}
	issued, ok := s.paths[key]
	if !ok || s.clock.now().After(issued.until) {
		return errorAnswer(&apiError{code: http.StatusNotFound, description: "Not Found"})
	}
	// api.telegram.org names no better type, whatever the file is.
	return answer{status: http.StatusOK, contentType: "application/octet-stream", body: issued.file.Data}
}
