package telegramtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
)

// maxRequest bounds the body of a call, in bytes; Telegram takes uploads of 50 MB.
const maxRequest = 50 << 20

// The encodings a call's parameters can come in, as Call.Encoding names them.
const (
	EncodingQuery     = "query"
	EncodingForm      = "urlencoded"
	EncodingJSON      = "json"
	EncodingMultipart = "multipart"
)

// params are the parameters of a call. Arrays and objects are JSON text,
// whatever the encoding they came in.
type params map[string]string

// files are the uploads of a multipart call by field.
type files map[string][]byte

// readParams reads what the URL's query and the body hold; the body wins.
func readParams(r *http.Request) (params, files, string, error) {
	p, f := params{}, files{}
	p.add(r.URL.Query())
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		return nil, nil, "", fmt.Errorf("read body: %w", err)
	}
	if len(body) > maxRequest {
		return nil, nil, "", errors.New("body is too big")
	}
	kind, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		return p, f, EncodingJSON, p.addJSON(body)
	case "multipart/form-data":
		return p, f, EncodingMultipart, p.addMultipart(f, body, options["boundary"])
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		p.add(values)
		return p, f, EncodingForm, err
	}
	return p, f, EncodingQuery, nil
}

func (p params) add(values url.Values) {
	for name := range values {
		p[name] = values.Get(name)
	}
}

func (p params) addJSON(body []byte) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return fmt.Errorf("parse JSON body: %w", err)
	}
	for name, raw := range fields {
		var text string
		switch {
		case bytes.Equal(raw, []byte("null")):
		case json.Unmarshal(raw, &text) == nil:
			p[name] = text
		default:
			p[name] = string(raw)
		}
	}
	return nil
}

// addMultipart takes an empty body as no parameters: clients send that for
// methods that have none.
func (p params) addMultipart(f files, body []byte, boundary string) error {
	if len(body) == 0 {
		return nil
	}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("parse multipart body: %w", err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return fmt.Errorf("read field %q: %w", part.FormName(), err)
		}
		if part.FileName() != "" {
			f[part.FormName()] = data
		} else {
			p[part.FormName()] = string(data)
		}
	}
}

func (p params) int(name string, missing int64) int64 {
	n, err := strconv.ParseInt(p[name], 10, 64)
	if err != nil {
		return missing
	}
	return n
}

func (p params) bool(name string) bool {
	b, _ := strconv.ParseBool(p[name])
	return b
}

// list reads an array of strings; ok is false where the parameter is missing or
// no such array.
func (p params) list(name string) (list []string, ok bool) {
	text, sent := p[name]
	if !sent || json.Unmarshal([]byte(text), &list) != nil || list == nil {
		return nil, false
	}
	return list, true
}
