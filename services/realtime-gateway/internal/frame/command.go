package frame

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxCommand is the largest frame of a client that is looked at, in bytes.
const MaxCommand = 4 << 10

// maxTypes bounds the list of a subscribe frame (asyncapi.yaml: maxItems).
const maxTypes = 32

// Command is what a client asks for: an answer, which is all that is asked then, or
// events of these types.
type Command struct {
	Ping  bool
	Types Set
}

// ParseCommand reads a text frame of a client: {"type":"ping"}, or
//
//	{"type":"subscribe","data":{"types":["message.new"]}}
//
// where types may also stand beside type. It replaces the choice made before; an
// empty list means all. The error is a sentence for the client, and changes nothing.
func ParseCommand(raw []byte) (Command, error) {
	var none Command
	if len(raw) > MaxCommand {
		return none, fmt.Errorf("The frame is too large: send at most %d bytes", MaxCommand)
	}
	if !utf8.Valid(raw) {
		return none, errors.New("The frame is not UTF-8: send JSON text such as " + example)
	}
	var cmd struct {
		Type  *string   `json:"type"`
		Types *[]string `json:"types"`
		Data  *struct {
			Types *[]string `json:"types"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &cmd); err != nil || !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) {
		return none, errors.New("The frame is not a JSON object of the expected shape: send " + example)
	}
	if cmd.Type != nil && *cmd.Type == TypePing {
		return Command{Ping: true}, nil
	}
	if cmd.Type == nil || *cmd.Type != "subscribe" {
		return none, errors.New(`The frame's "type" is not known: use "ping" or "subscribe", as in ` + example)
	}
	types := cmd.Types
	if cmd.Data != nil && cmd.Data.Types != nil {
		types = cmd.Data.Types
	}
	if types == nil {
		return none, errors.New(`The frame has no list "types": send ` + example)
	}
	if len(*types) > maxTypes {
		return none, fmt.Errorf(`The list "types" is too long: name at most %d`, maxTypes)
	}
	choice, unknown := ParseTypes(*types)
	if len(unknown) > 0 {
		return none, UnknownTypesError(unknown)
	}
	return Command{Types: choice}, nil
}

const example = `{"type":"subscribe","data":{"types":["message.new"]}}`

// UnknownTypesError says which names are no event types, quoting the first few of
// them, cut short: what a client sent may be long.
func UnknownTypesError(unknown []string) error {
	var quoted []string
	for _, name := range unknown[:min(len(unknown), 3)] {
		if runes := []rune(name); len(runes) > 40 {
			name = string(runes[:40]) + "…"
		}
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	return fmt.Errorf("Unknown event types, nothing was changed: %s", strings.Join(quoted, ", "))
}
