package digest

var english = lexicon{
	decisions: []string{
		"we decided", "we've decided", "we have decided", "decided to", "decided on", "decided that", "it was decided", "it's decided", "is decided",
		"we agreed", "we've agreed", "we have agreed", "agreed to", "agreed on", "agreed that", "settled on", "final decision", "decision is", "decision was",
		"let's go with", "we go with", "we'll go with", "we will go with", "going with", "we chose", "we've chosen", "we picked",
	},
	blockers: []string{
		"blocked by", "blocked on", "blocked until", "i'm blocked", "i am blocked", "we're blocked", "we are blocked", "blocks us", "blocks me", "blocking us",
		"blocking me", "blocks the release", "blocker", "a blocker", "waiting for", "waiting on", "i'm stuck", "i am stuck", "we're stuck", "we are stuck", "stuck on",
		"can't proceed", "cannot proceed", "can't continue", "cannot continue", "can't start until", "cannot start until", "can't move on", "cannot move on",
	},
	promises: []string{
		"i'll", "i will", "i'm going to", "i am going to", "i can take", "i take", "we'll", "we will", "we're going to", "we are going to",
		"i'm on it", "i am on it", "let me fix", "let me check", "let me look", "will do", "on it by",
	},
	negations: []string{"not", "never", "no", "haven't", "hasn't", "hadn't", "didn't", "don't", "doesn't", "isn't", "aren't", "wasn't", "weren't", "nothing", "unless"},
	fillers:   []string{"longer", "yet", "been", "really", "have", "a", "the", "we", "any"},
}
