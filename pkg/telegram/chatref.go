package telegram

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

var (
	// ErrInviteLink is returned by ParseChatRef for a link that invites people.
	ErrInviteLink = errors.New("bots cannot read invite links; add the bot to the group, and it will appear under discovered chats")
	// ErrChatRef is returned by ParseChatRef for what can be no chat.
	ErrChatRef = errors.New("not a chat; accepted are an id of at most 13 digits such as -1002988379206, " +
		"@name, and links such as https://t.me/name or https://t.me/c/2988379206/1")
)

const (
	// supergroupBase is what the ids of supergroups and channels are counted from,
	// downwards: number n has the id -(supergroupBase + n).
	supergroupBase = 1_000_000_000_000
	maxIDDigits    = 13
	maxNameLength  = 32
	// maxRefLength bounds what is looked at, in bytes.
	maxRefLength = 2048
)

// ValidChatID reports whether a number can be the id of a chat: a person's (to 2^40-1), a
// basic group's, or one that is counted down from supergroupBase.
func ValidChatID(id int64) bool {
	const maxUser, least = 1<<40 - 1, -9_999_999_999_999
	return id != 0 && id != -supergroupBase && least <= id && id <= maxUser
}

// Candidate is a chat that somebody may have meant. Exactly one field is set.
type Candidate struct {
	ID int64
	// Username is without the "@".
	Username string
}

// String is the chat_id parameter of Bot API calls: the number, or "@" and the name.
func (c Candidate) String() string {
	if c.Username != "" {
		return "@" + c.Username
	}
	return strconv.FormatInt(c.ID, 10)
}

// ParseChatRef reads a chat as people paste it: an id as any program shows it, with
// or without what Telegram adds to it, a name, or a link. It returns at least one
// candidate, the likeliest first; the first that getChat knows is the chat. The
// errors, ErrInviteLink and ErrChatRef, are sentences for the person who pasted.
func ParseChatRef(ref string) ([]Candidate, error) {
	ref = strings.TrimSpace(ref)
	if len(ref) > maxRefLength {
		return nil, ErrChatRef
	}
	if candidates := fromNumber(ref); candidates != nil {
		return candidates, nil
	}
	if name, ok := strings.CutPrefix(ref, "@"); ok || isUsername(ref) {
		return fromName(name)
	}
	if scheme, rest, ok := strings.Cut(ref, ":"); ok && strings.EqualFold(scheme, "tg") {
		return fromAppLink(strings.TrimPrefix(rest, "//"))
	}
	if _, rest, ok := strings.Cut(ref, "://"); ok {
		ref = rest
	}
	return fromWebLink(ref)
}

// fromNumber is for ids; nil for anything else. Ten digits, as most ids have today,
// are as likely those of a basic group as those of a supergroup without its base.
func fromNumber(ref string) []Candidate {
	digits, negative := strings.CutPrefix(ref, "-")
	n := number(digits)
	switch {
	case n == 0:
		return nil
	case negative && n > supergroupBase:
		return []Candidate{{ID: -n}}
	case negative && n < supergroupBase:
		return []Candidate{{ID: -n}, {ID: -(supergroupBase + n)}}
	case negative:
		return nil
	case n >= supergroupBase:
		return []Candidate{{ID: -n}}
	default:
		return []Candidate{{ID: -(supergroupBase + n)}, {ID: -n}}
	}
}

// number reads 1 to maxIDDigits digits; 0 for anything else.
func number(digits string) int64 {
	if len(digits) > maxIDDigits || strings.Trim(digits, "0123456789") != "" {
		return 0
	}
	n, _ := strconv.ParseInt(digits, 10, 64) // Fails for "" alone, with 0.
	return n
}

func fromName(name string) ([]Candidate, error) {
	if !isUsername(name) {
		return nil, ErrChatRef
	}
	return []Candidate{{Username: name}}, nil
}

// isUsername follows is_allowed_username of tdlib's td/telegram/misc.cpp.
func isUsername(s string) bool {
	if s == "" || len(s) > maxNameLength || !isLetter(s[0]) || s[len(s)-1] == '_' || strings.Contains(s, "__") {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !('0' <= c && c <= '9') && c != '_' {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// fromSupergroup is for the number in links, which is certain to be without its base.
func fromSupergroup(digits string) ([]Candidate, error) {
	n := number(digits)
	if n == 0 {
		return nil, ErrChatRef
	}
	return []Candidate{{ID: -(supergroupBase + n)}}, nil
}

// fromAppLink is for what follows "tg:" or "tg://", such as resolve?domain=name.
func fromAppLink(link string) ([]Candidate, error) {
	link, _, _ = strings.Cut(link, "#")
	action, query, _ := strings.Cut(link, "?")
	// What does not parse is left out by ParseQuery; the rest may do.
	values, _ := url.ParseQuery(query)
	switch strings.ToLower(strings.TrimSuffix(action, "/")) {
	case "privatepost":
		return fromSupergroup(values.Get("channel"))
	case "resolve":
		return fromName(values.Get("domain"))
	case "join":
		return nil, ErrInviteLink
	}
	return nil, ErrChatRef
}

// fromWebLink is for links without their scheme.
func fromWebLink(link string) ([]Candidate, error) {
	link, fragment, _ := strings.Cut(link, "#")
	link, _, _ = strings.Cut(link, "?")
	host, path, _ := strings.Cut(link, "/")
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	host = strings.TrimPrefix(host, "www.")
	switch host {
	case "t.me", "telegram.me", "telegram.dog":
		return fromPath(path)
	case "web.telegram.org":
		return fromFragment(fragment)
	}
	if name, ok := strings.CutSuffix(host, ".t.me"); ok {
		// Upper and lower case are the same in usernames, as in hosts.
		return fromPath(name)
	}
	return nil, ErrChatRef
}

// fromPath is for the path of a t.me link.
func fromPath(path string) ([]Candidate, error) {
	first, rest, _ := strings.Cut(path, "/")
	second, _, _ := strings.Cut(rest, "/")
	switch strings.ToLower(first) {
	case "joinchat":
		return nil, ErrInviteLink
	case "c":
		return fromSupergroup(second)
	case "s":
		return fromName(second)
	// Words of tdlib's LinkManager.cpp that are no names.
	case "addemoji", "addlist", "addstickers", "addtheme", "bg", "boost", "confirmphone", "contact", "giftcode",
		"invoice", "iv", "login", "m", "nft", "proxy", "setlanguage", "share", "socks", "a", "k", "z", "web":
		return nil, ErrChatRef
	}
	if strings.HasPrefix(first, "+") || strings.HasPrefix(strings.ToLower(first), "%2b") {
		return nil, ErrInviteLink
	}
	return fromName(first)
}

// fromFragment is for what web clients put after "#": an id or @name, and perhaps "_"
// and a thread. A name may itself end like that, and is then tried whole first.
func fromFragment(fragment string) ([]Candidate, error) {
	whole := []string{fragment}
	if i := strings.LastIndexByte(fragment, '_'); i >= 0 && number(fragment[i+1:]) > 0 {
		whole = append(whole, fragment[:i])
	}
	var candidates []Candidate
	for _, chat := range whole {
		if name, ok := strings.CutPrefix(chat, "@"); ok && isUsername(name) {
			candidates = append(candidates, Candidate{Username: name})
		}
		candidates = append(candidates, fromNumber(chat)...)
	}
	if candidates == nil {
		return nil, ErrChatRef
	}
	return candidates, nil
}
