package bus

import (
	"encoding/hex"
	"strings"
)

// Subjects of EVENTS, one per kind of frame.
const (
	SubjectMessageNew       = "events.message.new"
	SubjectMessageUpdated   = "events.message.updated"
	SubjectTaskCreated      = "events.task.created"
	SubjectTaskUpdated      = "events.task.updated"
	SubjectStatsUpdated     = "events.stats.updated"
	SubjectAnalysisProgress = "events.analysis.progress"
	SubjectSettingsUpdated  = "events.settings.updated"
	SubjectWebhookTested    = "events.webhook_test"
	SubjectProposalCreated  = "events.proposal.created"
	SubjectProposalUpdated  = "events.proposal.updated"
)

// Subjects of JOBS, one per kind.
const (
	SubjectJobAvatar   = "jobs.avatar"
	SubjectJobCallback = "jobs.callback"
	SubjectJobClassify = "jobs.classify"
	SubjectJobPost     = "jobs.post"
)

// InboundSubject is the subject of INBOUND for what happened in a chat of a channel.
func InboundSubject(channel, chatID string) string {
	return "inbound." + token(channel) + "." + token(chatID)
}

// DeadSubject is the subject of DEADLETTER for what failed in a stream.
func DeadSubject(stream, kind string) string {
	return "dead." + token(strings.ToLower(stream)) + "." + token(kind)
}

// token makes one subject token of any text: letters, digits, "-" and "_" stay,
// anything else makes it hexadecimal, since ".", "*", ">" and white space mean
// something to NATS.
func token(s string) string {
	plain := s != "" && len(s) <= 64
	for i := 0; plain && i < len(s); i++ {
		c := s[i]
		plain = c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	switch {
	case plain:
		return s
	case s == "":
		return "_"
	default:
		return "x" + hex.EncodeToString([]byte(s[:min(len(s), 64)]))
	}
}
